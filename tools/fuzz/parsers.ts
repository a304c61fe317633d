import type { Parser } from "./parser.ts";
import { archives } from "./parsers/archives.ts";
import { arrays } from "./parsers/arrays.ts";
import { configurations } from "./parsers/configurations.ts";
import { imports } from "./parsers/imports.ts";
import { labels } from "./parsers/labels.ts";
import { networks } from "./parsers/networks.ts";
import { pictures } from "./parsers/pictures.ts";

/** Every reader of data from outside, and of what stages hand on to each other. */
export const PARSERS: readonly Parser[] = [
  ...configurations,
  ...labels,
  ...archives,
  ...imports,
  ...arrays,
  ...networks,
  ...pictures,
];

export function findParser(name: string): Parser {
  const found = PARSERS.find((parser) => parser.name === name);
  if (found === undefined) {
    throw new Error(`no parser "${name}": ${PARSERS.map((parser) => parser.name).join(", ")}`);
  }
  return found;
}
