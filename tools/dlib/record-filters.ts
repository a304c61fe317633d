/**
 * Writes packages/preprocess/data/dlib-frontal-faces.json: the filters, thresholds and settings of dlib's frontal face
 * detector, as the installed dlib has them (recorded with Debian 12's libdlib-dev 19.24).
 *
 *   npx tsx --conditions=@fer-bench/source tools/dlib/record-filters.ts [--check]
 *
 * With --check it fails where the file is not what would be written.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { compileDlib, runDlib } from "./dlib-programs.ts";

const file = new URL("../../packages/preprocess/data/dlib-frontal-faces.json", import.meta.url);
const filters = runDlib(compileDlib("portable"), ["filters"], []);
if (!process.argv.includes("--check")) {
  writeFileSync(file, filters);
} else if (readFileSync(file, "utf8") !== filters) {
  console.error("packages/preprocess/data/dlib-frontal-faces.json is not what this dlib has");
  process.exitCode = 1;
}
