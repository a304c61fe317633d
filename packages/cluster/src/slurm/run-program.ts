import { spawn } from "node:child_process";
import { FerBenchError } from "@fer-bench/artifacts";

/**
 * What a program wrote to stdout; it is started without a shell. Errors: `missing` where there is no such program,
 * `unavailable` with what it wrote to stderr where it fails.
 */
export function runProgram(
  command: string,
  args: readonly string[],
  { cwd, input = "", env }: { cwd?: string; input?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...(cwd && { cwd }), ...(env && { env }) });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.once("error", (cause: NodeJS.ErrnoException) =>
      reject(
        new FerBenchError("missing", `${command} cannot be started: ${cause.message}`, {
          remedy: "run this where it is installed; of Slurm, that is the cluster's login node",
          cause,
        }),
      ),
    );
    child.once("close", (status) => {
      if (status === 0) return resolve(stdout);
      reject(
        new FerBenchError("unavailable", `${command} failed (${status}): ${stderr.trim()}`, {
          remedy: "mend what it says, and run the command again",
        }),
      );
    });
    // Whoever closes its end early says why on stderr.
    child.stdin.on("error", () => {}).end(input);
  });
}
