import { type ChildProcess, spawn } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const repository = fileURLToPath(new URL("../..", import.meta.url));
// The file that bin/fer-bench.mjs starts, in its stead: to be killed itself.
const fer = ["--conditions=@fer-bench/source", "--import", "tsx", "packages/cli/src/main.ts"];

/** `fer-bench cache serve`, as a user starts it. */
export interface CacheProcess {
  /** Nx's settings for it, with a token that may write. */
  readonly env: Readonly<Record<string, string>>;
  /** The names of what it keeps. */
  kept(): Promise<string[]>;
  end(signal?: NodeJS.Signals): Promise<void>;
}

/** Serves the folder `cache` of `dir` on an address that is free. */
export async function startCache(dir: string): Promise<CacheProcess> {
  const folder = join(dir, "cache");
  const child: ChildProcess = spawn(
    process.execPath,
    [...fer, "cache", "serve", "--dir", folder, "--port", "0"],
    { cwd: repository, stdio: ["ignore", "pipe", "inherit"] },
  );
  const line = await new Promise<string>((resolve, reject) => {
    child.stdout!.once("data", (chunk) => resolve(String(chunk)));
    child.once("exit", (code) => reject(new Error(`the server ended: ${code}`)));
  });
  const [, token] = /^write (\S+)$/m.exec(await readFile(`${folder}.tokens`, "utf8"))!;
  return {
    env: {
      NX_SELF_HOSTED_REMOTE_CACHE_SERVER: line.split(" ")[0]!,
      NX_SELF_HOSTED_REMOTE_CACHE_ACCESS_TOKEN: token!,
    },
    kept: async () => (await readdir(folder)).filter((name) => !name.startsWith(".")),
    end: (signal = "SIGTERM") =>
      new Promise((resolve) => {
        child.once("exit", () => resolve());
        child.kill(signal);
      }),
  };
}
