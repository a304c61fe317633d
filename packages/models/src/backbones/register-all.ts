import { readdir } from "node:fs/promises";

/*
 * Loads every file of this folder, and the backbones among them register themselves: adding one is adding a file. Tests,
 * declarations and source maps have a second dot in their names. No file here may import the package's index, which
 * waits for this one.
 */
const SELF = "register-all";

const files = await readdir(new URL(".", import.meta.url));
for (const file of files.sort()) {
  const name = /^([\w-]+)\.[jt]s$/.exec(file)?.[1];
  if (name !== undefined && name !== SELF) await import(/* @vite-ignore */ `./${file}`);
}
