import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { EXIT_STATUS } from "@fer-bench/artifacts";
import type { StageUnderTest } from "./stages.ts";

const cli = fileURLToPath(new URL("../../packages/cli/", import.meta.url));

/** What runs fer-bench: arguments of Node. */
export type Program = readonly string[];

/** The sources as they are. */
export const SOURCES: Program = [
  "--conditions=@fer-bench/source",
  "--import",
  import.meta.resolve("tsx"),
  join(cli, "src", "main.ts"),
];
/** What `tsc -b` made of them: a process of it takes half the time. */
export const BUILD: Program = [join(cli, "dist", "main.js")];

/** How a process of fer-bench ended. */
export interface Ending {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
  readonly milliseconds: number;
}

export interface StageProcess {
  /** Sends a signal to it and to whatever it started. */
  signal(signal: NodeJS.Signals): void;
  readonly ended: Promise<Ending>;
}

/** Runs a stage in a workspace, as a user would, as the leader of a process group of its own. */
export function startStage(
  { stage, of }: StageUnderTest,
  { root, temporary, program }: { root: string; temporary: string; program: Program },
  preload?: string,
): StageProcess {
  const imports = preload === undefined ? [] : ["--import", preload];
  const flags = ["--quiet", "--offline", "--threads", "1", "--workspace", root];
  const child = spawn(process.execPath, [...imports, ...program, ...flags, stage, of], {
    env: environment(root, temporary),
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  return followProcess(child);
}

/** The caller's environment, with temporary files in the workspace, so that what stays there is seen. */
export function environment(root: string, temporary: string): NodeJS.ProcessEnv {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("NX_")));
  // The test runner's own flags would reach the stage.
  delete env.NODE_OPTIONS;
  return { ...env, TMPDIR: temporary, FER_BENCH_CACHE: join(root, "cache") };
}

export function followProcess(child: ChildProcess): StageProcess {
  const started = performance.now();
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk) => (output += chunk));
  const ended = new Promise<Ending>((done, fail) => {
    child.on("error", fail);
    child.on("close", (status, signal) =>
      done({ status, signal, output, milliseconds: performance.now() - started }),
    );
  });
  return {
    signal(signal) {
      try {
        process.kill(-child.pid!, signal);
      } catch (error) {
        // It has ended by itself.
        if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
      }
    },
    ended,
  };
}

/** Whether it ended with an error that a user can do something about: what, and the remedy, and its exit status. */
export function isClearError({ status, output }: Ending): boolean {
  const statuses = Object.entries(EXIT_STATUS).filter(([code]) => code !== "internal");
  return (
    statuses.some(([, known]) => known === status) &&
    /^error: /m.test(output) &&
    /^ {2}remedy: \S/m.test(output) &&
    !output.includes("a fault of fer-bench itself")
  );
}
