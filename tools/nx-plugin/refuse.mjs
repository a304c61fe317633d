/* node tools/nx-plugin/refuse.mjs <benchmark>: says why a benchmark has no tasks, and fails (EX_CONFIG). */
import { existsSync, readdirSync } from "node:fs";
import { describeProblem, readWorkspace } from "./workspace.mjs";

const files = readdirSync("benchmarks")
  .map((name) => `benchmarks/${name}/benchmark.json`)
  .filter((file) => existsSync(file));
const { benchmarks } = readWorkspace(process.cwd(), "datasets.manifest.json", files);
const { problem } = benchmarks.find(({ name }) => name === process.argv[2]);
process.stderr.write(`error: ${describeProblem(problem)}\n`);
process.exit(78);
