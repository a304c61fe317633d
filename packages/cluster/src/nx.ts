import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { FerBenchError } from "@fer-bench/artifacts";

/** What came of a run of Nx. */
export interface NxRun {
  readonly status: number;
  readonly stdout: string;
  /** Both streams, for messages. */
  readonly output: string;
}

/** Runs the workspace's Nx without a shell. Errors: `missing` where it is not installed there. */
export function runNx(
  root: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<NxRun> {
  // In Nx's own process, the plugin costs half the time.
  const child = spawn(process.execPath, [nxOf(root), ...args], {
    cwd: root,
    env: { ...process.env, NX_ISOLATE_PLUGINS: "false", NX_WORKSPACE_ROOT_PATH: root, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    output += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (status) => resolve({ status: status ?? 1, stdout, output }));
  });
}

function nxOf(root: string): string {
  try {
    return createRequire(join(root, "package.json")).resolve("nx");
  } catch (cause) {
    throw new FerBenchError("missing", "Nx is not installed in this workspace", {
      file: root,
      remedy: "run npm ci there",
      cause,
    });
  }
}
