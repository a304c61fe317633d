/*
 * npm run bench:perf: the speed measurements of benchmarks/perf, one after another. Flags are passed to each
 * (benchmarks/perf/flags.ts); with --json, stdout is one object of their results by name. Progress is on stderr.
 */
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { root } from "./run-nx.mjs";

const files = readdirSync(`${root}/benchmarks/perf`)
  .filter((name) => name.endsWith(".bench.ts"))
  .sort();
const json = process.argv.includes("--json");
const results = {};

for (const file of files) {
  process.stderr.write(`\n${file}\n`);
  const { status, stdout } = spawnSync(
    process.execPath,
    [
      "--conditions=@fer-bench/source",
      "--import",
      "tsx",
      `benchmarks/perf/${file}`,
      ...process.argv.slice(2),
    ],
    { cwd: root, stdio: ["inherit", json ? "pipe" : "inherit", "inherit"] },
  );
  if (status !== 0) process.exitCode = 1;
  else if (json) results[file.replace(".bench.ts", "")] = JSON.parse(stdout);
}
if (json) process.stdout.write(`${JSON.stringify(results, undefined, 2)}\n`);
