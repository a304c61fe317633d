import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("../../packages/cli/src/main.ts", import.meta.url));

export interface CommandRun {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

let runs = 0;

/** Runs fer-bench's own main module as if it had been typed; in this process, which spares the start of forty others. */
export async function commandLine(
  words: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<CommandRun> {
  const { argv, env: environment, exitCode } = process;
  const texts = { stdout: "", stderr: "" };
  const writes = { stdout: process.stdout.write, stderr: process.stderr.write };
  for (const name of ["stdout", "stderr"] as const) {
    process[name].write = ((text: string | Uint8Array, ...rest: unknown[]) => {
      texts[name] += typeof text === "string" ? text : Buffer.from(text).toString("utf8");
      for (const callback of rest) if (typeof callback === "function") callback();
      return true;
    }) as typeof process.stdout.write;
  }
  const listeners = process.stdout.listeners("error");
  process.argv = [process.execPath, main, ...words];
  process.env = { ...environment, ...env };
  process.exitCode = 0;
  try {
    // Another name each time, or it would run once.
    await import(/* @vite-ignore */ `${main}?run=${runs++}`);
    return { status: Number(process.exitCode), ...texts };
  } finally {
    Object.assign(process.stdout, { write: writes.stdout });
    Object.assign(process.stderr, { write: writes.stderr });
    process.stdout.removeAllListeners("error");
    for (const listener of listeners) process.stdout.on("error", listener as () => void);
    process.argv = argv;
    process.env = environment;
    process.exitCode = exitCode;
  }
}
