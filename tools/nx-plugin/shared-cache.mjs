/* Puts the guard between Nx and the shared cache that NX_SELF_HOSTED_REMOTE_CACHE_SERVER names, for the time of a run. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { guardCache } from "./cache-guard.mjs";
import { readWorkspace } from "./workspace.mjs";

const SERVER = "NX_SELF_HOSTED_REMOTE_CACHE_SERVER";
/** The server that all who can reach it may have licensed images from. */
const PRIVATE = "FER_BENCH_PRIVATE_CACHE";

let guard;

export async function openSharedCache(workspaceRoot, manifestFile) {
  const server = process.env[SERVER];
  if (!server) return;
  guard = await guardCache({
    server,
    mayLeave: process.env[PRIVATE] === server ? () => true : licences(workspaceRoot, manifestFile),
    warn: (text) => process.stderr.write(`warning: ${text}\n`),
  });
  // Nx reads these when it makes its cache, after this.
  process.env[SERVER] = guard.address;
  // Its client would ask a proxy for this machine, too.
  for (const name of ["NO_PROXY", "no_proxy"]) {
    process.env[name] = [process.env[name], "127.0.0.1"].filter(Boolean).join(",");
  }
}

export async function closeSharedCache() {
  await guard?.close();
  guard = undefined;
}

/**
 * Whether a file of the workspace may be passed on, by its path: not where it is an artifact of a data set whose images
 * may not, nor of a benchmark that touches one, nor of any that is unknown. Features of raw pixels are images, and a
 * report can show some, so that every stage counts.
 */
export function licences(workspaceRoot, manifestFile) {
  const files = readdirSync(join(workspaceRoot, "benchmarks")).map(
    (name) => `benchmarks/${name}/benchmark.json`,
  );
  const { datasets, benchmarks } = readWorkspace(workspaceRoot, manifestFile, files);
  const mayPass = (name) => {
    const set = datasets.find((one) => one.name === name);
    return (
      set?.redistributable === true &&
      [...set.rawSets, ...set.reads.map((other) => other.name)].every(
        (other) => other === name || datasets.find((one) => one.name === other)?.redistributable === true,
      )
    );
  };
  const free = new Set(datasets.map(({ name }) => name).filter(mayPass));
  const touched = (benchmark) => [
    ...benchmark.datasets,
    ...benchmark.beside.flatMap((other) => benchmarks.find(({ name }) => name === other)?.datasets ?? []),
  ];
  const freeBenchmarks = new Set(
    benchmarks
      .filter((benchmark) => !benchmark.problem && touched(benchmark).every((set) => free.has(set)))
      .map(({ name }) => name),
  );
  return (path) => {
    const [top, kind, name] = path.split("/");
    // Nx's own: what the task printed, and its status.
    if (path === "terminalOutput" || path === "code") return true;
    if (top !== "artifacts") return false;
    return kind === "datasets" ? free.has(name) : kind === "benchmarks" && freeBenchmarks.has(name);
  };
}
