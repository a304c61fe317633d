/*
 * Gives every parser 10,000 odd inputs; a part of npm run test:faults, and by itself
 *
 *   node --conditions=@fer-bench/source --import tsx tools/faults/fuzz.ts [parser] [runs] [seed]
 *
 * which tries those parsers whose names have the word. A wrong input is done again by its parser and seed, runs 1.
 */
import { fileURLToPath } from "node:url";
import { PARSERS } from "../fuzz/parsers.ts";
import { type Result, runJobs } from "../fuzz/run-jobs.ts";

const RUNS = 10_000;

interface FuzzOptions {
  readonly runs: number | undefined;
  readonly seed: number;
  /** A part of a parser's name; all where absent. */
  readonly only: string | undefined;
  print(line: string): void;
}

export const fuzz = {
  name: "fuzz",
  async run({ runs = RUNS, seed, only = "", print }: FuzzOptions) {
    const chosen = PARSERS.filter(({ name }) => name.includes(only));
    const jobs = chosen.map(({ name }) => ({ parser: name, seed, runs }));
    const results = await runJobs(jobs, (result) => print(JSON.stringify(rowOf(result))));
    return {
      title:
        "Odd inputs to every parser: bytes by lot, damaged files, the format's grammar with values that no file has",
      rows: results.map(rowOf),
      wrong: results.flatMap(({ parser, wrong }) =>
        wrong.map(
          ({ seed, why, bytes }) =>
            `${parser}, seed ${seed}: ${why} (input in base64: ${bytes ?? "unknown"})`,
        ),
      ),
    };
  },
};

function rowOf({ parser, runs, read, codes, wrong, megabytes }: Result) {
  const refused = Object.values(codes).reduce((a, b) => a + b, 0);
  return {
    parser,
    inputs: runs,
    read,
    "refused by a typed error": refused,
    "crash, hang or other error": wrong.length,
    "memory grew by, MB": megabytes,
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [only, runs, seed = "1"] = process.argv.slice(2);
  const result = await fuzz.run({
    runs: runs === undefined ? undefined : Number(runs),
    seed: Number(seed),
    only,
    print: (line) => process.stdout.write(`${line}\n`),
  });
  for (const line of result.wrong) process.stderr.write(`WRONG: ${line}\n`);
  if (result.wrong.length > 0) process.exitCode = 1;
}
