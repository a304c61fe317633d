/*
 * node tools/nx-plugin/raw-state.mjs <set>: a digest of data/raw/<set>, or "absent". It must cost nothing, so files
 * count by name and size; what they hold is in import.json, which is written last and counts whole, and is checked on
 * import. A file that changed since counts by its time, too. Hence the same import is the same on every machine, and a
 * shared cache serves them all. Where the data are not, data/raw-states.json may say what they are elsewhere.
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";

const set = process.argv[2] ?? "";
const dir = join("data", "raw", set);

function digest(entries) {
  const hash = createHash("sha256");
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const importedAt = statSync(join(dir, "import.json"), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  for (const file of files.sort()) {
    const { size, mtimeMs } = statSync(file);
    hash.update(`${relative(dir, file)}\t${size}\t${mtimeMs > importedAt ? mtimeMs : "imported"}\n`);
    if (relative(dir, file) === "import.json") hash.update(readFileSync(file));
  }
  return hash.digest("hex");
}

/** What `read` gives, or undefined where a file or folder is not there. */
function ifThere(read) {
  try {
    return read();
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
    return undefined;
  }
}

const entries = ifThere(() => readdirSync(dir, { recursive: true, withFileTypes: true }));
const elsewhere = () => ifThere(() => JSON.parse(readFileSync(join("data", "raw-states.json"), "utf8"))[set]);
process.stdout.write(`${entries ? digest(entries) : (elsewhere() ?? "absent")}\n`);
