import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sha256 } from "@fer-bench/artifacts";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { jobScript, type ScriptRequest } from "./job-script.ts";
import { type ClusterSettings, readSettings } from "./settings.ts";
import { quote } from "./shell.ts";

/** What a shell could take amiss. */
const NASTY = `a b'"$(touch pwned)\`touch pwned\`;&|<>*?\\ -n %j %% #`;

let dir: string;
let settings: ClusterSettings;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "fer-bench-job-"));
  settings = { ...(await readSettings(dir)), workFolder: join(dir, `work ${NASTY.replaceAll("/", "")}`) };
  await mkdir(settings.workFolder);
});
afterEach(() => rm(dir, { recursive: true }));

it("quotes any text as one word", () => {
  const text = fc
    .string({ unit: "binary" })
    .filter((one) => !one.includes("\0") && !/[\ud800-\udfff]/.test(one));
  fc.assert(
    fc.property(fc.array(text, { maxLength: 20 }), (words) => {
      const script = `printf '%s\\0' x ${words.map(quote).join(" ")}`;
      const said = execFileSync("bash", ["--norc", "-c", script], { encoding: "utf8", env: { LC_ALL: "C" } });
      expect(said.split("\0").slice(1, -1)).toEqual(words);
    }),
    { numRuns: 30 },
  );
});

describe("the script of a job, run by bash", () => {
  /** A snapshot whose Nx writes down how it was called, and ends with a status. */
  async function prepare(status: number, ids: readonly string[]): Promise<ScriptRequest> {
    const root = join(dir, `home ${NASTY.replaceAll("/", "")}`);
    const nx = join(root, "node_modules", "nx", "dist", "bin");
    await mkdir(nx, { recursive: true });
    await mkdir(join(root, "node_modules", ".bin"));
    await mkdir(join(root, "data"));
    await mkdir(join(root, "packages", "one"), { recursive: true });
    await writeFile(
      join(nx, "nx.js"),
      `const { writeFileSync } = require("node:fs");
      const { FER_BENCH_THREADS, FER_BENCH_PROGRESS_DIR, NX_CACHE_DIRECTORY } = process.env;
      const said = { args: process.argv.slice(2), cwd: process.cwd(), FER_BENCH_THREADS, FER_BENCH_PROGRESS_DIR, NX_CACHE_DIRECTORY };
      writeFileSync(${JSON.stringify(join(dir, "said.json"))}, JSON.stringify(said));
      process.exit(${status});`,
    );
    const path = join(dir, "workspace.tgz");
    execFileSync("tar", ["-czf", path, "-C", root, "packages"]);
    const [first, ...others] = ids.map((id) => ({
      id,
      project: id,
      stage: "train",
      outputs: [],
      after: [],
      resources: settings.defaults,
    }));
    return {
      submission: "s",
      job: { stage: "train", resources: settings.defaults, tasks: [first!, ...others], after: [] },
      snapshot: { kind: "file", path, sha256: sha256(await readFile(path)) },
      settings,
      root,
      progressFolder: join(dir, NASTY.replaceAll("/", "")),
      stateFiles: ids.map((_, i) => join(dir, `state ${i} ${NASTY.replaceAll("/", "")}`)),
    };
  }

  function runScript(script: string, env: Record<string, string> = {}): number {
    const options = {
      input: script,
      cwd: dir,
      env: { PATH: process.env.PATH!, SLURM_JOB_ID: "7", SLURM_CPUS_PER_TASK: "3", ...env },
    };
    try {
      execFileSync("bash", ["--norc"], { ...options, stdio: ["pipe", "ignore", "ignore"] });
      return 0;
    } catch (error) {
      return (error as { status: number }).status;
    }
  }

  const words = async (request: ScriptRequest, element: number) =>
    (await readFile(request.stateFiles![element]!, "utf8"))
      .trim()
      .split("\n")
      .map((line) => line.split(" ")[2]);

  it("runs its own element in a copy of its own, and leaves nothing but its word", async () => {
    const request = await prepare(0, ["first:train", `${NASTY}:train`]);
    expect(runScript(jobScript(request), { SLURM_ARRAY_TASK_ID: "1" })).toBe(0);
    const said = JSON.parse(await readFile(join(dir, "said.json"), "utf8"));
    expect(said).toMatchObject({
      args: ["run", `${NASTY}:train`, "--outputStyle=stream"],
      FER_BENCH_THREADS: "3",
      FER_BENCH_PROGRESS_DIR: request.progressFolder,
      NX_CACHE_DIRECTORY: `${said.cwd}/.nx/cache`,
    });
    expect(said.cwd.startsWith(settings.workFolder)).toBe(true);
    expect(await words(request, 1)).toEqual(["started", "done"]);
    expect(await readdir(settings.workFolder)).toEqual([]);
    expect(existsSync(join(dir, "pwned"))).toBe(false);
  });

  it("asks Slurm to start a task that failed again, so often and no more", async () => {
    const request = await prepare(3, ["a:train"]);
    const bin = join(dir, "bin");
    await mkdir(bin);
    await writeFile(join(bin, "scontrol"), `#!/bin/sh\necho "$@" > '${dir}/asked'\n`);
    await writeFile(join(bin, "sleep"), "#!/bin/sh\n");
    for (const name of ["scontrol", "sleep"]) await chmod(join(bin, name), 0o755);
    const env = { PATH: `${bin}:${process.env.PATH}` };
    expect(runScript(jobScript(request), env)).toBe(3);
    expect(await readFile(join(dir, "asked"), "utf8")).toBe("requeue 7\n");
    expect(runScript(jobScript(request), { ...env, SLURM_RESTART_COUNT: "1" })).toBe(3);
    expect(await words(request, 0)).toEqual(["started", "again", "started", "failed"]);
    expect(await readdir(settings.workFolder)).toEqual([]);
  });

  it("does not run a snapshot that is not what was submitted", async () => {
    const request = await prepare(0, ["a:train"]);
    const snapshot = { ...request.snapshot, sha256: sha256(Buffer.from("other")) };
    expect(runScript(jobScript({ ...request, snapshot }))).not.toBe(0);
    expect(existsSync(join(dir, "said.json"))).toBe(false);
  });
});

describe("the settings of a cluster", () => {
  it("name the field that is wrong", async () => {
    await writeFile(join(dir, "cluster.json"), JSON.stringify({ stages: { train: { cpu: 4 } } }));
    await expect(readSettings(dir)).rejects.toMatchObject({ code: "bad-config", field: "stages.train.cpu" });
  });
});
