/*
 * npx nx g ./tools:dataset <name>: a data set package that imports, tests and runs as it is, from a layout to be changed
 * to the data set's own. `files/` has its files, with __name__, __camel__, __title__, __version__ and __zod__ in them.
 */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const TEMPLATES = fileURLToPath(new URL("./files", import.meta.url));
const MANIFEST = "datasets.manifest.json";
const CLASSES = ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"];

/** Called by Nx with its view of the workspace, which it writes once this returns. */
export default async function generate(tree, { name, title = name, skipInstall = false }) {
  const folder = `packages/dataset-${name}`;
  const manifest = readJson(tree, MANIFEST);
  if (tree.exists(folder)) throw new Error(`${folder} is there already: choose another name, or remove it`);
  if (Object.hasOwn(manifest.datasets, name)) {
    throw new Error(`${MANIFEST} has a data set "${name}" already: choose another name`);
  }
  const { version, dependencies } = readJson(tree, "packages/datasets/package.json");
  const words = {
    __name__: name,
    __camel__: camelCase(name),
    __title__: title,
    __version__: version,
    __zod__: dependencies.zod,
  };
  for (const file of templateFiles()) {
    const path = fill(relative(TEMPLATES, file).replace(/\.template$/, ""), words);
    tree.write(join(folder, path), fill(readFileSync(file, "utf8"), words));
  }
  tree.write(join(folder, "LICENSE"), tree.read("packages/datasets/LICENSE"));
  addReference(tree, "tsconfig.json", folder);
  manifest.datasets[name] = entryOf(name, title);
  writeJson(tree, MANIFEST, manifest);
  return () => {
    if (!skipInstall)
      execFileSync("npm", ["install", "--no-audit", "--no-fund"], { cwd: tree.root, stdio: "inherit" });
    process.stdout.write(`\n${folder}/README.md says what to fill in. Try it: npx vitest run ${folder}\n`);
  };
}

function templateFiles() {
  return readdirSync(TEMPLATES, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

function fill(text, words) {
  return text.replace(/__(?:name|camel|title|version|zod)__/g, (word) => words[word]);
}

/** `my-set`: mySet; a name that begins with a digit: set3d. */
function camelCase(name) {
  const camel = name.replace(/-+(\w?)/g, (_, letter) => letter.toUpperCase());
  return /^\d/.test(camel) ? `set${camel}` : camel;
}

function addReference(tree, file, path) {
  const config = readJson(tree, file);
  config.references = [...config.references, { path }].sort((a, b) => (a.path < b.path ? -1 : 1));
  const lines = config.references.map((reference) => `    { "path": "${reference.path}" }`);
  tree.write(file, `{\n  "files": [],\n  "references": [\n${lines.join(",\n")}\n  ]\n}\n`);
}

function entryOf(name, title) {
  return {
    package: `@fer-bench/dataset-${name}`,
    title,
    licence: { name: "not stated", redistributable: false },
    citation: "Not stated.",
    source: { howToGet: `Run: npx fer-bench datasets import ${name} <folder with labels.csv and images/>` },
    classes: CLASSES,
    channels: 3,
    face: { kind: "whole" },
    expected: { counts: {} },
  };
}

function readJson(tree, file) {
  return JSON.parse(tree.read(file, "utf-8"));
}

function writeJson(tree, file, value) {
  tree.write(file, `${JSON.stringify(value, undefined, 2)}\n`);
}
