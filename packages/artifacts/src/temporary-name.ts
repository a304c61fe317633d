import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { sha256 } from "./hash.ts";

/*
 * Names of what is not finished: hidden, beside the finished thing, with host and process, so that what a killed
 * process left can be told from what a living one is writing. A process is its number and when it started: numbers
 * come again, in a container often the same one every time.
 */

function prefixOf(name: string): string {
  return `.${name}.partial-${sha256(hostname()).slice(0, 8)}-`;
}

/** A name in `parent` for what will be called `name`, of this process and unlike any other. */
export function temporaryPath(parent: string, name: string): string {
  const unlike = randomBytes(4).toString("hex");
  return join(parent, `${prefixOf(name)}${process.pid}-${startOf(process.pid) ?? "unknown"}-${unlike}`);
}

/** What processes of this machine that are no more left unfinished. */
export async function abandonedPaths(parent: string, name: string): Promise<string[]> {
  const prefix = prefixOf(name);
  const entries = await readdir(parent);
  return entries
    .filter((entry) => entry.startsWith(prefix) && !isWriting(entry.slice(prefix.length)))
    .map((entry) => join(parent, entry));
}

/** Whether the process lives that gave a name ending so: `<number>-<start>-...`. */
function isWriting(ending: string): boolean {
  const [number = "", start] = ending.split("-");
  const pid = Number.parseInt(number, 10);
  if (!isAlive(pid)) return false;
  const found = startOf(pid);
  return found === undefined || start === "unknown" || found === start;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** When a process started, in clock ticks since the machine did (proc(5), `starttime`); undefined but on Linux. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The name, in parentheses, may hold anything; the time is the 20th field after it.
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}
