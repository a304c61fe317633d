import { expect, it } from "vitest";
import { PARSERS } from "./parsers.ts";
import { runJobs } from "./run-jobs.ts";

/** Inputs to each parser; tools/faults/fuzz.ts tries 10,000. */
const RUNS = 100;
/** Inputs are those of the seeds from here on: a failing one is run again by `fuzz.ts <parser> 1 <seed>`. */
const SEED = 1;

it(`every parser gives a result or a typed error that names its file, for ${RUNS} odd inputs`, {
  timeout: 600_000,
}, async () => {
  const results = await runJobs(PARSERS.map(({ name: parser }) => ({ parser, seed: SEED, runs: RUNS })));
  const wrong = results.flatMap(({ parser, wrong }) => wrong.map((one) => ({ parser, ...one })));
  expect(wrong).toEqual([]);
  for (const { parser, read, codes, runs } of results) {
    const refused = Object.values(codes).reduce((a, b) => a + b, 0);
    expect(read + refused, parser).toBe(runs);
    expect(Object.keys(codes), parser).not.toContain("internal");
  }
});
