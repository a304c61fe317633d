/*
 * node tools/nx-plugin/file-state.mjs <path, URI-encoded>: the SHA-256 of a file of weights or landmarks, or "absent". Its
 * contents count and not its time, so that a copy of it elsewhere finds the same results in a cache.
 */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";

const hash = createHash("sha256");
try {
  for await (const chunk of createReadStream(decodeURIComponent(process.argv[2] ?? ""))) hash.update(chunk);
  process.stdout.write(`${hash.digest("hex")}\n`);
} catch (error) {
  if (error.code !== "ENOENT" && error.code !== "EISDIR") throw error;
  process.stdout.write("absent\n");
}
