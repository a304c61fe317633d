import { spawn } from "node:child_process";
import { flags } from "./flags.ts";
import { lineReader } from "./measure.ts";

/**
 * Starts a Python script that answers a line with a line, the first with "ready" and its version; undefined, with a
 * word on stderr, where it does not start.
 */
export async function startPython(
  script: string,
  settings: readonly (string | number)[],
  { threads, missing }: { threads: number; missing: string },
): Promise<{ version: string; ask(line: string): Promise<string>; close(): void } | undefined> {
  const path = new URL(script, import.meta.url).pathname;
  const child = spawn(flags.python ?? "/usr/bin/python3", [path, ...settings.map(String)], {
    // Threads that wait do not spin: else they would take the cores in our turns.
    env: { ...process.env, OMP_WAIT_POLICY: "passive", OMP_NUM_THREADS: String(threads) },
  });
  const answer = lineReader(child);
  const first = await answer();
  if (first === undefined || !first.startsWith("ready ")) {
    process.stderr.write(`${missing}\n`);
    child.kill();
    return undefined;
  }
  return {
    version: first.slice("ready ".length),
    async ask(line) {
      child.stdin.write(`${line}\n`);
      return (await answer()) ?? "";
    },
    close: () => void child.kill(),
  };
}
