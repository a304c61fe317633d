/**
 * What a shared cache saves: a benchmark's report in two clean checkouts beside one cache server, each with its own Nx
 * database. Processor time is that of Nx and of all that it starts.
 *
 *   node --conditions=@fer-bench/source --import tsx tools/nx-plugin/measure-shared-cache.ts [<benchmark>]
 */
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { startCache } from "../test-support/cache-server.ts";
import { createSmallWorkspace } from "../test-support/small-workspace.ts";

const benchmark = process.argv[2] ?? "synthetic-pixels-logistic";
const dir = await mkdtemp(join(tmpdir(), "fer-bench-measure-"));
const cache = await startCache(dir);
const script = join(dir, "measure.sh");
await writeFile(script, 'TIMEFORMAT="%R %U %S"\ntime "$@" >&2\n');
for (const which of ["first", "second"]) {
  const workspace = await createSmallWorkspace(["datasets.manifest.json", "benchmarks"]);
  const nx = join(workspace.root, "node_modules", "nx", "dist", "bin", "nx.js");
  const env = {
    ...process.env,
    ...cache.env,
    NX_DAEMON: "false",
    NX_ISOLATE_PLUGINS: "false",
    NX_WORKSPACE_ROOT_PATH: workspace.root,
  };
  const args = [script, process.execPath, nx, "run", `${benchmark}:report`];
  const { stderr } = await promisify(execFile)("bash", args, { cwd: workspace.root, env, maxBuffer: 1e8 });
  const [, hits, tasks] = /Cache: +(\d+)\/(\d+) hit/.exec(stderr) ?? [];
  const [real, user, system] = stderr.trim().split("\n").at(-1)!.split(" ").map(Number);
  const processor = (user! + system!).toFixed(1);
  process.stdout.write(
    `${which}: ${hits} of ${tasks} tasks from the cache, ${real!.toFixed(1)} s, ${processor} s of processor time\n`,
  );
  await workspace.remove();
}
await cache.end();
await rm(dir, { recursive: true });
