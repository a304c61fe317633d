/* npm run demo: the whole chain on the rendered data set, its accuracy table, and where the report is. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const BENCHMARK = "synthetic-b0-frozen";
const TARGET = "synthetic";

const root = fileURLToPath(new URL("..", import.meta.url));
const started = performance.now();

// Not through npx, which takes a second to start.
const nx = createRequire(import.meta.url).resolve("nx/dist/bin/nx.js");
const { status } = spawnSync(
  process.execPath,
  [nx, "run", `${BENCHMARK}:report`, "--outputStyle=stream-without-prefixes"],
  { cwd: root, stdio: "inherit" },
);
if (status !== 0) process.exit(status ?? 1);

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
