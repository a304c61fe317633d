/*
 * The process that inputs are tried in, so that what kills it can be told: child.ts '<jobs as JSON>'. A line of JSON per
 * input, its seed before it is tried.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { inputOf, inputsOf } from "./inputs.ts";
import type { Parser } from "./parser.ts";
import { findParser } from "./parsers.ts";
import { tryInput } from "./try-input.ts";

/** The inputs of the seeds from `seed` on. */
export interface Job {
  readonly parser: string;
  readonly seed: number;
  readonly runs: number;
}

/** What the parent reads, a line each; all is of the first job that is not done. */
export type Report =
  | { kind: "trying"; seed: number }
  | { kind: "wrong"; seed: number; why: string; bytes: string }
  | { kind: "read" }
  | { kind: "refused"; code: string }
  | { kind: "done"; megabytes: number };

/** Time to make a failing input smaller. */
const SHRINK_MS = 10_000;

const tell = (report: Report) => process.stdout.write(`${JSON.stringify(report)}\n`);
// What a parser leaves behind unhandled is as bad as what it throws.
process.on("unhandledRejection", (error) => {
  process.stderr.write(`unhandled: ${error instanceof Error ? error.stack : error}\n`);
  process.exit(70);
});
for (const job of JSON.parse(process.argv[2]!) as Job[]) await runJob(job);

async function runJob({ parser: name, seed: first, runs }: Job): Promise<void> {
  const parser = findParser(name);
  const folder = await mkdtemp(join(tmpdir(), "fer-bench-fuzz-"));
  try {
    await parser.prepare?.(folder);
    const inputs = await inputsOf(parser);
    const before = peakMegabytes();
    for (let seed = first; seed < first + runs; seed++) {
      tell({ kind: "trying", seed });
      const bytes = inputOf(inputs, seed);
      const outcome = await tryInput(parser, bytes, folder);
      if (outcome.kind !== "wrong") tell(outcome);
      else {
        const failure = { parser, inputs, folder, seed, bytes, why: outcome.why };
        tell({ kind: "wrong", seed, ...(await smallest(failure)) });
      }
    }
    tell({ kind: "done", megabytes: peakMegabytes() - before });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Failure {
  readonly parser: Parser;
  readonly inputs: fc.Arbitrary<Uint8Array>;
  readonly folder: string;
  readonly seed: number;
  readonly bytes: Uint8Array;
  readonly why: string;
}

/** Shrinks an input that came out wrong, as far as it goes in the time. */
async function smallest(failure: Failure): Promise<{ why: string; bytes: string }> {
  const { parser, inputs, folder, seed, bytes, why } = failure;
  let found = { why, bytes };
  const deadline = Date.now() + SHRINK_MS;
  const property = fc.asyncProperty(inputs, async (candidate) => {
    if (Date.now() > deadline) return true;
    const outcome = await tryInput(parser, candidate, folder);
    if (outcome.kind !== "wrong") return true;
    found = { why: outcome.why, bytes: candidate };
    return false;
  });
  await fc.check(property, { seed, numRuns: 1 });
  return { why: found.why, bytes: Buffer.from(found.bytes).toString("base64") };
}

function peakMegabytes(): number {
  return Math.round(process.resourceUsage().maxRSS / 1024);
}
