import { readdir } from "node:fs/promises";

/*
 * Every file of this folder is loaded, and the backbones among them register themselves: adding one is adding a file.
 * Tests, declarations and source maps have a second dot in their names. A file here must not import the package's
 * index, which waits for this one.
 */
const SELF = /\/(register-all\.[jt]s)$/.exec(import.meta.url)![1];

const names = await readdir(new URL(".", import.meta.url));
for (const name of names.sort()) {
  if (/^[\w-]+\.[jt]s$/.test(name) && name !== SELF) await import(/* @vite-ignore */ `./${name}`);
}
