import { randomBytes } from "node:crypto";
import { readdir } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { sha256 } from "./hash.ts";

/*
 * Names of what is not finished: hidden, beside the finished thing, with host and process, so that what a killed
 * process left can be told from what a living one is writing.
 */

function prefixOf(name: string): string {
  return `.${name}.partial-${sha256(hostname()).slice(0, 8)}-`;
}

/** A name in `parent` for what will be called `name`, of this process and unlike any other. */
export function temporaryPath(parent: string, name: string): string {
  return join(parent, `${prefixOf(name)}${process.pid}-${randomBytes(4).toString("hex")}`);
}

/** What processes of this machine that are no more left unfinished. */
export async function abandonedPaths(parent: string, name: string): Promise<string[]> {
  const prefix = prefixOf(name);
  const entries = await readdir(parent);
  return entries
    .filter((entry) => entry.startsWith(prefix) && !isAlive(Number.parseInt(entry.slice(prefix.length), 10)))
    .map((entry) => join(parent, entry));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
