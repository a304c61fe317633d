import { type ChildProcess, execFile, spawn } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";

const repository = fileURLToPath(new URL("../..", import.meta.url));
const classes = ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"];

/** A copy of this workspace's code in a temporary folder, with data sets and benchmarks of its own. */
export interface SmallWorkspace {
  readonly root: string;
  readText(file: string): Promise<string>;
  writeText(file: string, text: string): Promise<void>;
  writeJson(file: string, value: unknown): Promise<void>;
  /** Runs Nx, with a cache of this workspace's own and no daemon. */
  nx(...args: string[]): Promise<NxRun>;
  /** The same, as the leader of a process group of its own. */
  startNx(...args: string[]): StartedNx;
  /** The same with more in its environment. */
  nxWith(env: Readonly<Record<string, string>>, ...args: string[]): Promise<NxRun>;
  /** Runs the workspace's own `fer-bench`. */
  fer(env: Readonly<Record<string, string>>, ...args: string[]): Promise<{ status: number; output: string }>;
  removeFolder(folder: string): Promise<void>;
  remove(): Promise<void>;
}

export interface NxRun {
  readonly status: number | null;
  /** stdout and stderr together. */
  readonly output: string;
  /** Tasks whose command was run, sorted. */
  readonly ran: string[];
  /** Tasks that came from the cache, sorted. */
  readonly cached: string[];
}

export interface StartedNx {
  readonly child: ChildProcess;
  readonly finished: Promise<NxRun>;
}

/** `more`: files and folders besides those that Nx needs. */
export async function createSmallWorkspace(more: readonly string[] = []): Promise<SmallWorkspace> {
  const root = await mkdtemp(join(tmpdir(), "fer-bench-nx-"));
  const isSource = (path: string) => !["dist", "node_modules", "test"].includes(basename(path));
  for (const name of [
    "package.json",
    "package-lock.json",
    "nx.json",
    ".gitignore",
    "packages",
    "tools/nx-plugin",
    ...more,
  ]) {
    await cp(join(repository, name), join(root, name), { recursive: true, filter: isSource });
  }
  await linkModules(root);
  const writeText = async (file: string, text: string) => {
    await mkdir(join(root, file, ".."), { recursive: true });
    await writeFile(join(root, file), text);
  };
  return {
    root,
    readText: (file) => readFile(join(root, file), "utf8"),
    writeText,
    writeJson: (file, value) => writeText(file, `${JSON.stringify(value, undefined, 2)}\n`),
    nx: (...args) => startNx(root, args).finished,
    startNx: (...args) => startNx(root, args, { detached: true }),
    nxWith: (env, ...args) => startNx(root, args, { env }).finished,
    fer: (env, ...args) => runFer(root, args, env),
    removeFolder: (folder) => rm(join(root, folder), { recursive: true }),
    remove: () => rm(root, { recursive: true, force: true }),
  };
}

/** Libraries are this repository's; the workspace's packages are the copy's. */
async function linkModules(root: string): Promise<void> {
  const modules = join(root, "node_modules");
  await mkdir(join(modules, "@fer-bench"), { recursive: true });
  for (const name of await readdir(join(repository, "node_modules"))) {
    if (name === "@fer-bench" || name === ".cache") continue;
    await symlink(join(repository, "node_modules", name), join(modules, name));
  }
  for (const name of await readdir(join(root, "packages"))) {
    await symlink(join(root, "packages", name), join(modules, "@fer-bench", name));
    const own = join(repository, "packages", name, "node_modules");
    if (existsSync(own)) await symlink(own, join(root, "packages", name, "node_modules"));
  }
}

interface StartOptions {
  readonly detached?: boolean;
  /** Besides the test runner's. */
  readonly env?: Readonly<Record<string, string>>;
}

function startNx(
  root: string,
  args: readonly string[],
  { detached = false, env = {} }: StartOptions = {},
): StartedNx {
  const cache = join(root, ".nx", "cache");
  const record = join(cache, "run.json");
  rmSync(record, { force: true });
  const child = spawn(
    process.execPath,
    [join(root, "node_modules", "nx", "dist", "bin", "nx.js"), ...args, "--outputStyle=stream"],
    {
      cwd: root,
      env: {
        ...environment(),
        NX_DAEMON: "false",
        NX_ISOLATE_PLUGINS: "false",
        NX_CACHE_DIRECTORY: cache,
        NX_WORKSPACE_DATA_DIRECTORY: join(root, ".nx", "workspace-data"),
        NX_WORKSPACE_ROOT_PATH: root,
        ...env,
      },
      stdio: ["ignore", "pipe", "pipe"],
      detached,
    },
  );
  return { child, finished: followNx(child, record) };
}

async function followNx(child: ChildProcess, record: string): Promise<NxRun> {
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk) => (output += chunk));
  const status = await new Promise<number | null>((done) => child.on("close", done));
  const text = await readFile(record, "utf8").catch(() => '{"tasks":[]}');
  const { tasks } = JSON.parse(text) as { tasks: { taskId: string; cacheStatus: string }[] };
  const withStatus = (isCached: boolean) =>
    tasks
      .filter(({ cacheStatus }) => (cacheStatus !== "cache-miss") === isCached)
      .map(({ taskId }) => taskId)
      .sort();
  return { status, output, ran: withStatus(false), cached: withStatus(true) };
}

function runFer(
  root: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<{ status: number; output: string }> {
  const source = ["--conditions=@fer-bench/source", "--import", "tsx", "packages/cli/src/main.ts"];
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [...source, ...args],
      { cwd: root, env: { ...environment(), ...env }, maxBuffer: 1e8 },
      (error, stdout, stderr) =>
        resolve({ status: error === null ? 0 : Number(error.code ?? 1), output: stdout + stderr }),
    );
  });
}

/** Without what the test runner, or an Nx that it runs under, tells those they start. */
function environment(): NodeJS.ProcessEnv {
  const entries = Object.entries(process.env).filter(
    ([name]) => !name.startsWith("NX_") && name !== "NODE_OPTIONS",
  );
  return Object.fromEntries(entries);
}

/** A manifest entry: a picture of each expression in each split, as small as they come. */
export function smallSyntheticSet(seed: number): Record<string, unknown> {
  const counts = Object.fromEntries(classes.map((label) => [label, 1]));
  return {
    package: "@fer-bench/dataset-synthetic",
    title: `Portraits of seed ${seed}`,
    licence: { name: "MIT", redistributable: true },
    citation: "Rendered.",
    source: { howToGet: "Rendered by its generate stage." },
    generated: true,
    classes,
    channels: 3,
    options: { seed, size: 48, identities: { train: 1, validation: 1, test: 1 } },
    face: { kind: "box" },
    expected: { counts: { train: counts, validation: counts, test: counts } },
  };
}

/** A benchmark.json: logistic regression on pixels, two epochs. */
export function smallBenchmark(source: string, learningRate: number): Record<string, unknown> {
  return {
    title: `Pixels of ${source}`,
    source,
    targets: [source],
    backbone: "pixels",
    train: { head: { hidden: null }, epochs: 2, optimizer: { learningRate } },
    report: { tsne: { points: 7, perplexity: 2 }, umap: { points: 7, neighbours: 3 } },
  };
}

/** The same as a grid: its fields vary those of a small benchmark. */
export function smallGrid(
  source: string,
  grid: Record<string, readonly (string | number)[]>,
): Record<string, unknown> {
  const { backbone, ...benchmark } = smallBenchmark(source, 0.01);
  return { ...benchmark, title: `Grid on ${source}`, ...("backbone" in grid ? {} : { backbone }), grid };
}
