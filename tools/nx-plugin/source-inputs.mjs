/* The source that a stage runs: the command line's files for it, its packages, and the libraries they call. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path/posix";

const NO_PART_OF_A_STAGE = ["**/*.test.*", "test/**/*", "*.md", "package.json", "tsconfig.json"];

/**
 * Nx inputs for the packages (folders of packages/, or names of npm packages), single `files` of others, and the
 * libraries that those packages depend on, at the versions of the lock file; with `peers`, also those of their
 * optional peers that are installed.
 */
export function sourceInputs(workspaceRoot, stage, packages, { files = [], peers = false } = {}) {
  const folders = packages.map((name) => ({ name, folder: packageFolder(workspaceRoot, name) }));
  const own = folders.filter(({ folder }) => folder).map(({ folder }) => folder);
  const libraries = folders.flatMap(({ name, folder }) =>
    folder ? libraryNames(workspaceRoot, folder, peers) : [name],
  );
  return [
    ...own.map((folder) => `{workspaceRoot}/${folder}/**/*`),
    ...own.flatMap((folder) => NO_PART_OF_A_STAGE.map((pattern) => `!{workspaceRoot}/${folder}/${pattern}`)),
    ...[...commandFiles(workspaceRoot, stage), ...files].map((file) => `{workspaceRoot}/${file}`),
    { externalDependencies: [...new Set(libraries)].sort() },
  ];
}

/** The folder of a package of this workspace, by its folder's or its npm name; undefined for any other. */
export function packageFolder(workspaceRoot, name) {
  const folder = `packages/${name.replace(/^@fer-bench\//, "")}`;
  return existsSync(join(workspaceRoot, folder, "package.json")) ? folder : undefined;
}

function libraryNames(workspaceRoot, folder, peers) {
  const text = readFileSync(join(workspaceRoot, folder, "package.json"), "utf8");
  const { dependencies = {}, peerDependencies = {} } = JSON.parse(text);
  const isInstalled = (name) => existsSync(join(workspaceRoot, "node_modules", name, "package.json"));
  return [...Object.keys(dependencies), ...(peers ? Object.keys(peerDependencies).filter(isInstalled) : [])]
    .filter((name) => !packageFolder(workspaceRoot, name))
    .map((name) => libraryNode(workspaceRoot, folder, name));
}

/** Nx calls the version at the top by the library's name alone; one that a package has for itself, with its version. */
function libraryNode(workspaceRoot, folder, name) {
  const own = join(workspaceRoot, folder, "node_modules", name, "package.json");
  return existsSync(own) ? `${name}@${JSON.parse(readFileSync(own, "utf8")).version}` : name;
}

/** The stage's file in packages/cli/src/commands, and every file of the command line that it imports for more than types. */
export function commandFiles(workspaceRoot, stage) {
  const found = new Set();
  const visit = (file) => {
    if (found.has(file) || !existsSync(join(workspaceRoot, file))) return;
    found.add(file);
    const text = readFileSync(join(workspaceRoot, file), "utf8");
    for (const [, specifier] of text.matchAll(RELATIVE_IMPORT)) visit(join(dirname(file), specifier));
  };
  visit(`packages/cli/src/commands/${stage}.ts`);
  return [...found].sort();
}

const RELATIVE_IMPORT = /^(?:import|export)\s(?!type\b)[^;"]*?["'](\.[^"']+)["']/gm;
