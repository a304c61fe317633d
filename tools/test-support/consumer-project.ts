import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const repository = fileURLToPath(new URL("../..", import.meta.url));

export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly bin?: Readonly<Record<string, string>>;
}

export interface PackedPackage {
  /** Its folder in packages/. */
  readonly folder: string;
  readonly manifest: Manifest;
  /** What `npm publish` would upload. */
  readonly tarball: string;
}

export interface Run {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A project of somebody who installs the packages: a folder outside the repository, nothing linked to it. */
export interface ConsumerProject {
  readonly root: string;
  /**
   * Installs packed packages beside what is installed, and libraries, at the versions of the repository's lock file and
   * from npm's cache where they are there. "offline" where one is not and the registry cannot be reached.
   */
  install(packed: readonly PackedPackage[], libraries?: readonly string[]): Promise<"installed" | "offline">;
  write(file: string, content: string | Uint8Array): Promise<void>;
  /** Runs Node in the project. */
  node(...args: string[]): Promise<Run>;
  remove(): Promise<void>;
}

/** Packs every package of the workspace, built anew, into a folder. */
export async function packPackages(destination: string): Promise<PackedPackage[]> {
  const { status, stdout, stderr } = await run(
    "npm",
    ["pack", "--workspaces", "--pack-destination", destination],
    repository,
  );
  if (status !== 0) throw new Error(`npm pack failed:\n${stdout}${stderr}`);
  const folders = (await readdir(join(repository, "packages"))).sort();
  return Promise.all(
    folders.map(async (folder) => {
      const manifest: Manifest = await readJson(join(repository, "packages", folder, "package.json"));
      const file = `${manifest.name.replace("@", "").replace("/", "-")}-${manifest.version}.tgz`;
      return { folder, manifest, tarball: join(destination, file) };
    }),
  );
}

export async function createConsumerProject(): Promise<ConsumerProject> {
  const root = await mkdtemp(join(tmpdir(), "fer-bench-consumer-"));
  const locked = await lockedLibraries();
  const dependencies: Record<string, string> = {};
  return {
    root,
    async install(packed, libraries = []) {
      for (const { manifest, tarball } of packed) dependencies[manifest.name] = `file:${tarball}`;
      for (const name of libraries) dependencies[name] = locked[`node_modules/${name}`]!.version;
      const own = { name: "consumer", version: "1.0.0", private: true, type: "module", dependencies };
      await writeJson(join(root, "package.json"), own);
      await writeJson(join(root, "package-lock.json"), {
        ...own,
        lockfileVersion: 3,
        packages: { "": own, ...locked },
      });
      const flags = ["--prefer-offline", "--fetch-retries=0", "--ignore-scripts", "--no-audit", "--no-fund"];
      const { status, stderr } = await run("npm", ["install", ...flags], root);
      if (status === 0) return "installed";
      if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ENOTCACHED/.test(stderr))
        return "offline";
      throw new Error(`npm install failed:\n${stderr}`);
    },
    write: (file, content) => writeFile(join(root, file), content),
    node: (...args) => run(process.execPath, args, root),
    remove: () => rm(root, { recursive: true, force: true }),
  };
}

type Locked = Record<string, { version: string; link?: boolean }>;

/** The lock file's libraries as they lie where the workspace's packages are installed and not linked. */
async function lockedLibraries(): Promise<Locked> {
  const { packages } = await readJson<{ packages: Locked }>(join(repository, "package-lock.json"));
  return Object.fromEntries(
    Object.entries(packages)
      .filter(([path, entry]) => path.includes("node_modules/") && !entry.link)
      .map(([path, entry]) => [
        path.replace(/^packages\/([^/]+)\/node_modules\//, "node_modules/@fer-bench/$1/node_modules/"),
        { ...entry, dev: undefined, devOptional: undefined, peer: undefined },
      ]),
  );
}

/** What npm and the test runner tell those they start is not for these. */
function environment(): NodeJS.ProcessEnv {
  const kept = [
    "npm_config_cache",
    "npm_config_registry",
    "npm_config_userconfig",
    "npm_config_globalconfig",
  ];
  const entries = Object.entries(process.env).filter(
    ([name]) => name !== "NODE_OPTIONS" && (!name.startsWith("npm_") || kept.includes(name)),
  );
  return Object.fromEntries(entries);
}

function run(command: string, args: readonly string[], cwd: string): Promise<Run> {
  return new Promise((resolve, reject) => {
    execFile(command, args, { cwd, env: environment(), maxBuffer: 1e8 }, (error, stdout, stderr) => {
      if (error !== null && typeof error.code !== "number") reject(error);
      else resolve({ status: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

async function readJson<T>(file: string): Promise<T> {
  return JSON.parse(await readFile(file, "utf8"));
}

async function writeJson(file: string, value: unknown): Promise<void> {
  await writeFile(file, `${JSON.stringify(value, undefined, 2)}\n`);
}
