/* Runs Nx straight from its package: npx takes a second to start. */
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

/** The workspace's folder. */
export const root = fileURLToPath(new URL("..", import.meta.url));

/** Exit status of Nx; its output goes to the terminal, or where `stdout` (of spawn's `stdio`) says. */
export function runNx(args, stdout = "inherit") {
  const nx = createRequire(import.meta.url).resolve("nx");
  const { status, error } = spawnSync(process.execPath, [nx, ...args], {
    cwd: root,
    // A process of its own for each plugin would double the time of a run that finds everything in the cache.
    env: { ...process.env, NX_ISOLATE_PLUGINS: "false" },
    stdio: ["inherit", stdout, "inherit"],
  });
  if (error) throw error;
  return status ?? 1;
}
