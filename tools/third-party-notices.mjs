/**
 * Writes THIRD_PARTY_NOTICES.md: every package that the workspace's packages need at run time, and what those need,
 * with its licence as its package.json states it. Run it after `npm ci` whenever package-lock.json has changed.
 *
 *   node tools/third-party-notices.mjs            writes the file
 *   node tools/third-party-notices.mjs --check    fails where the file is not what would be written
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const file = join(root, "THIRD_PARTY_NOTICES.md");

/** The locked packages at run time: name -> { versions, licence }. Prebuilt binaries for a platform are optional. */
function productionPackages(lock) {
  const found = new Map();
  for (const [path, entry] of Object.entries(lock.packages)) {
    const name = path.split("node_modules/").pop();
    if (!path.includes("node_modules/") || entry.link || entry.dev || entry.devOptional) continue;
    const known = found.get(name) ?? { versions: new Set(), licence: undefined };
    known.versions.add(entry.version);
    known.licence ??= licenceOf(path, entry);
    found.set(name, known);
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** From the installed package; a platform's binaries that are not installed here have it in the lock file. */
function licenceOf(path, entry) {
  const manifestPath = join(root, path, "package.json");
  const manifest = existsSync(manifestPath) ? JSON.parse(readFileSync(manifestPath, "utf8")) : {};
  const stated = manifest.license ?? manifest.licenses ?? entry.license;
  const words = [stated].flat().map((licence) => licence?.type ?? licence);
  return words.filter(Boolean).join(" OR ") || licenceFromText(join(root, path));
}

/** Packages older than the field: the licence file's first line names it. */
function licenceFromText(folder) {
  const name = existsSync(folder) && readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  const title = name && readFileSync(join(folder, name), "utf8").trim().split("\n")[0].trim();
  if (!title) throw new Error(`${folder} states no licence: look it up before depending on it`);
  return title;
}

/** A Markdown table with its columns aligned, as the formatter leaves it. */
function table(head, rows) {
  const widths = head.map((_, i) => Math.max(...[head, ...rows].map((row) => row[i].length)));
  const line = (cells, fill) => `| ${cells.map((cell, i) => cell.padEnd(widths[i], fill)).join(" | ")} |`;
  const rule = line(
    head.map(() => ""),
    "-",
  );
  return [line(head, " "), rule, ...rows.map((row) => line(row, " "))].join("\n");
}

const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
const packages = productionPackages(lock);
const rows = packages.map(([name, { versions, licence }]) => [
  name,
  [...versions].sort().join(", "),
  licence,
]);
const text = `# Third-party notices

fer-bench is under the MIT licence (LICENSE). At run time it uses the packages below, which npm installs from their own
archives with their own licence texts; none of their code is copied into this repository, and of their data what dlib's paragraph says. The list is written by
\`node tools/third-party-notices.mjs\` from package-lock.json and the installed packages.

**libvips.** sharp itself is under Apache-2.0. Its prebuilt binaries, \`@img/sharp-libvips-*\`, contain libvips and the
libraries it uses (glib, cairo, pango, librsvg, libheif and others), several of them under the LGPL: LGPL-3.0-or-later
for the whole. They are loaded as a shared library and can be replaced by another build of libvips: with one installed
on the system, sharp builds against it. Each \`@img/sharp-libvips-*\` package lists its parts and their licences in its
README.md.

**dlib.** \`packages/preprocess/data/dlib-frontal-faces.json\` holds the filters of dlib's frontal face detector, Copyright
(C) 2013 Davis E. King, under the Boost Software License 1.0: its text is beside them. What applies them was written anew
after dlib's headers; their histograms of oriented gradients go back to voc-release, Copyright (C) 2008-2012 Pedro
Felzenszwalb, Ross Girshick and Deva Ramanan, MIT.

**Data sets.** No data set is part of the repository. Each entry of datasets.manifest.json states the licence and the
citation of its own.

${table(["package", "version", "licence"], rows)}
`;

if (!process.argv.includes("--check")) {
  writeFileSync(file, text);
} else if (!existsSync(file) || readFileSync(file, "utf8") !== text) {
  console.error("THIRD_PARTY_NOTICES.md is out of date: run node tools/third-party-notices.mjs");
  process.exitCode = 1;
}
