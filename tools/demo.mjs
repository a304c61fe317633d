/* npm run demo: the whole chain on the rendered data set, its accuracy table, and where the report is. */
import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { root, runNx } from "./run-nx.mjs";

const BENCHMARK = "synthetic-efficientnetv2-48-frozen";
const TARGET = "synthetic";

const started = performance.now();
const status = runNx(["run", `${BENCHMARK}:report`, "--outputStyle=stream-without-prefixes"]);
if (status !== 0) process.exit(status);

const report = join(root, "artifacts", "benchmarks", BENCHMARK, "report");
const table = readFileSync(join(report, "tables", `accuracy-${TARGET}.md`), "utf8");
const page = join(report, "index.html");
const seconds = ((performance.now() - started) / 1000).toFixed(1);
process.stdout.write(`
${table}
report: ${relative(process.cwd(), page)}
        ${pathToFileURL(page).href}
time:   ${seconds} s
`);
