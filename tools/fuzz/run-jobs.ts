import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Job, Report } from "./child.ts";

/** A process that tells nothing for so long hangs. */
const MOST_SILENT_MS = 60_000;
/** What a process may write to, where the system can be told (`prlimit`, Linux): a header's claim beyond it fails at once. */
const MOST_BYTES = 3_000_000_000;
/** By how much the memory that is really in use may grow over all inputs. */
const MOST_GROWTH_MEGABYTES = 900;
const PRLIMIT = "/usr/bin/prlimit";

const child = fileURLToPath(new URL("./child.ts", import.meta.url));

/** What came of a parser's inputs. */
export interface Result extends Job {
  /** Inputs that were read. */
  readonly read: number;
  /** Inputs that an error refused, by its code. */
  readonly codes: Readonly<Record<string, number>>;
  /** By how much the process grew. */
  readonly megabytes: number;
  /** Crashes, hangs, errors of no type: each with its seed, and the smallest such input in base64. */
  readonly wrong: readonly Wrong[];
}

interface Wrong {
  readonly seed: number;
  readonly why: string;
  readonly bytes?: string;
}

/** Does the jobs in a process of their own, one behind the other; after a crash goes on in another one. */
export async function runJobs(
  jobs: readonly Job[],
  onResult: (result: Result) => void = () => {},
): Promise<Result[]> {
  const results: Result[] = [];
  let tally = emptyTally();
  let next: number | undefined;
  while (results.length < jobs.length) {
    const [{ parser, seed, runs }, ...others] = jobs.slice(results.length) as [Job, ...Job[]];
    const from = next ?? seed;
    const rest = { parser, seed: from, runs: seed + runs - from };
    const { last = from, ended } = await runChild([rest, ...others], (report) => {
      if (report.kind === "read") tally.read++;
      else if (report.kind === "refused") tally.codes[report.code] = (tally.codes[report.code] ?? 0) + 1;
      else if (report.kind === "wrong") tally.wrong.push(report);
      else if (report.kind === "done") {
        const { megabytes } = report;
        if (megabytes > MOST_GROWTH_MEGABYTES) {
          tally.wrong.push({ seed, why: `memory grew by ${megabytes} MB` });
        }
        const result = { ...jobs[results.length]!, ...tally, megabytes };
        results.push(result);
        onResult(result);
        tally = emptyTally();
        next = undefined;
      }
    });
    if (results.length === jobs.length) break;
    // The last input brought the process down: another goes on behind it.
    tally.wrong.push({ seed: last, why: ended });
    next = last + 1;
  }
  return results;
}

interface Tally {
  read: number;
  codes: Record<string, number>;
  wrong: Wrong[];
}

function emptyTally(): Tally {
  return { read: 0, codes: {}, wrong: [] };
}

/** Starts the process and hands its reports on; gives the last input that it tried, and how it ended. */
async function runChild(jobs: readonly Job[], onReport: (report: Report) => void) {
  const node = [
    process.execPath,
    "--conditions=@fer-bench/source",
    "--import",
    import.meta.resolve("tsx"),
    child,
    JSON.stringify(jobs),
  ];
  const [command, ...args] = existsSync(PRLIMIT) ? [PRLIMIT, `--data=${MOST_BYTES}`, ...node] : node;
  const running = spawn(command!, args, { stdio: ["ignore", "pipe", "pipe"] });
  let last: number | undefined;
  let errors = "";
  running.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors = `${errors}${text}`.slice(-2000);
  });
  let hung = false;
  const watch = () =>
    setTimeout(() => {
      hung = true;
      running.kill("SIGKILL");
    }, MOST_SILENT_MS);
  let timer = watch();
  const ended = new Promise<string>((resolve) => {
    running.on("close", (status, signal) => resolve(`it ended with ${signal ?? status}: ${errors.trim()}`));
  });
  for await (const line of createInterface({ input: running.stdout })) {
    clearTimeout(timer);
    timer = watch();
    const report = JSON.parse(line) as Report;
    if (report.kind === "trying") last = report.seed;
    if (report.kind === "done") last = undefined;
    onReport(report);
  }
  const how = await ended;
  clearTimeout(timer);
  return { last, ended: hung ? `it hung: nothing within ${MOST_SILENT_MS / 1000} s` : how };
}
