/* npm run bench:perf: the speed measurements of benchmarks/perf, one after another; flags are passed to each. */
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { root } from "./run-nx.mjs";

const files = readdirSync(`${root}/benchmarks/perf`)
  .filter((name) => name.endsWith(".bench.ts"))
  .sort();

for (const file of files) {
  process.stderr.write(`\n${file}\n`);
  const { status } = spawnSync(
    process.execPath,
    [
      "--conditions=@fer-bench/source",
      "--import",
      "tsx",
      `benchmarks/perf/${file}`,
      ...process.argv.slice(2),
    ],
    { cwd: root, stdio: "inherit" },
  );
  if (status !== 0) process.exitCode = 1;
}
