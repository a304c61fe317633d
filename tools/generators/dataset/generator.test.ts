import { execFile } from "node:child_process";
import { cp, symlink } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  createSmallWorkspace,
  type SmallWorkspace,
  smallSyntheticSet,
} from "../../test-support/small-workspace.ts";

const repository = fileURLToPath(new URL("../../..", import.meta.url));
const FOLDER = "packages/dataset-my-set";
const OWN_FILES = [
  "biome.json",
  "tsconfig.json",
  "tsconfig.base.json",
  "vitest.config.ts",
  "tools/package.json",
  "tools/generators.json",
  "tools/generators",
];

let workspace: SmallWorkspace;

beforeAll(async () => {
  workspace = await createSmallWorkspace();
  for (const file of OWN_FILES) {
    await cp(join(repository, file), join(workspace.root, file), { recursive: true });
  }
  await workspace.writeJson("datasets.manifest.json", { datasets: { small: smallSyntheticSet(1) } });
});
afterAll(() => workspace.remove());

interface Run {
  readonly status: number;
  readonly output: string;
}

/** Runs a library's command in the workspace; Nx keeps to it, and starts nothing that stays. */
function node(...args: string[]): Promise<Run> {
  const env = {
    ...Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !/^(VITEST|NODE_OPTIONS|NX_)/.test(name)),
    ),
    NX_DAEMON: "false",
    NX_ISOLATE_PLUGINS: "false",
    NX_WORKSPACE_ROOT_PATH: workspace.root,
    NX_WORKSPACE_DATA_DIRECTORY: join(workspace.root, ".nx", "workspace-data"),
  };
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      args,
      { cwd: workspace.root, env, maxBuffer: 1e8 },
      (error, stdout, stderr) => {
        resolve({ status: error === null ? 0 : Number(error.code), output: stdout + stderr });
      },
    );
  });
}

const sources = ["--conditions=@fer-bench/source", "--import", "tsx"];
const generate = (name: string) =>
  node("node_modules/nx/dist/bin/nx.js", "g", "./tools:dataset", name, "--skipInstall");
const ferBench = (...args: string[]) => node(...sources, "packages/cli/src/main.ts", "-q", ...args);

/** One story: each step stands on the one before. */
describe("npx nx g ./tools:dataset my-set", { timeout: 300_000 }, () => {
  it("writes a package, its reference and its manifest entry", async () => {
    const { status, output } = await generate("my-set");
    expect(status, output).toBe(0);
    const modules = join(workspace.root, "node_modules/@fer-bench");
    await symlink(join(workspace.root, FOLDER), join(modules, "dataset-my-set"));
    expect(JSON.parse(await workspace.readText("tsconfig.json")).references).toContainEqual({ path: FOLDER });
    const { datasets } = JSON.parse(await workspace.readText("datasets.manifest.json"));
    expect(datasets["my-set"].package).toBe("@fer-bench/dataset-my-set");
    expect(await workspace.readText(`${FOLDER}/README.md`)).toContain("To fill in");
    expect(await workspace.readText(`${FOLDER}/package.json`)).not.toMatch(/__\w+__/);
  });

  it("that passes the type checker, the linter and its own test", async () => {
    const built = await node("node_modules/typescript/bin/tsc", "-b", FOLDER);
    expect(built.status, built.output).toBe(0);
    const linted = await node(
      "node_modules/@biomejs/biome/bin/biome",
      "lint",
      "--vcs-enabled=false",
      `${FOLDER}/src`,
    );
    expect(linted.status, linted.output).toBe(0);
    const tested = await node("node_modules/vitest/vitest.mjs", "run", FOLDER);
    expect(tested.status, tested.output).toBe(0);
    expect(tested.output).toMatch(/2 passed/);
  });

  it("whose chain runs from the import to face chips", async () => {
    const write = `const { writeFixture } = await import("./${FOLDER}/src/fixture.test.helper.ts"); await writeFixture("handed-out");`;
    const written = await node(...sources, "--input-type=module", "-e", write);
    expect(written.status, written.output).toBe(0);
    const before = await ferBench("prepare", "my-set");
    expect(before.status).toBe(66);
    expect(before.output).toContain("npx fer-bench datasets import my-set");
    const imported = await ferBench("datasets", "import", "my-set", "handed-out");
    expect(imported.status, imported.output).toBe(0);
    const run = await workspace.nx("run", "my-set:preprocess");
    expect(run.status, run.output).toBe(0);
    expect(run.ran).toEqual(["my-set:prepare", "my-set:preprocess"]);
    const summary = JSON.parse(
      await workspace.readText("artifacts/datasets/my-set/preprocess/preprocess.json"),
    );
    expect(summary).toMatchObject({ count: 21, size: 48, found: { whole: 21 } });
    const pinned = await ferBench("datasets", "pin", "my-set");
    expect(pinned.status, pinned.output).toBe(0);
  });

  it("refuses a name that is taken, and changes nothing", async () => {
    const before = await workspace.readText("datasets.manifest.json");
    for (const taken of ["my-set", "small"]) {
      const { status, output } = await generate(taken);
      expect(status).not.toBe(0);
      expect(output).toContain("already");
    }
    expect(await workspace.readText("datasets.manifest.json")).toBe(before);
  });
});
