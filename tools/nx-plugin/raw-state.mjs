/*
 * node tools/nx-plugin/raw-state.mjs <set>: a digest of data/raw/<set>, or "absent". It must cost nothing, so files
 * count by name, size and time; what they hold is in import.json, which counts whole, and is checked on import.
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";

const dir = join("data", "raw", process.argv[2] ?? "");

function digest(entries) {
  const hash = createHash("sha256");
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  for (const file of files.sort()) {
    const { size, mtimeMs } = statSync(file);
    hash.update(`${relative(dir, file)}\t${size}\t${mtimeMs}\n`);
    if (relative(dir, file) === "import.json") hash.update(readFileSync(file));
  }
  return hash.digest("hex");
}

try {
  const entries = readdirSync(dir, { recursive: true, withFileTypes: true });
  process.stdout.write(`${digest(entries)}\n`);
} catch (error) {
  if (error.code !== "ENOENT") throw error;
  process.stdout.write("absent\n");
}
