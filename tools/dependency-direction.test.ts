import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

/** What each package may import of the others: all else is refused. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  artifacts: [],
  metrics: [],
  cluster: ["artifacts"],
  models: ["artifacts"],
  datasets: ["artifacts"],
  preprocess: ["artifacts", "datasets"],
  train: ["artifacts", "datasets", "preprocess", "models", "metrics"],
  report: ["artifacts", "metrics"],
};
const ALLOWED_TO_DATASETS = ["artifacts", "datasets"];

const root = resolve(import.meta.dirname, "..");
const packages = (await readdir(join(root, "packages"))).sort();
const allowedTo = (name: string): readonly string[] =>
  name === "cli" ? packages : name.startsWith("dataset-") ? ALLOWED_TO_DATASETS : ALLOWED[name]!;

it.each(packages)("%s declares no dependency against the direction", async (name) => {
  const manifest = JSON.parse(await readFile(join(root, "packages", name, "package.json"), "utf8"));
  const declared = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })
    .filter((dependency) => dependency.startsWith("@fer-bench/"))
    .map((dependency) => dependency.slice("@fer-bench/".length));
  expect(allowedTo(name)).toEqual(expect.arrayContaining(declared));
});

describe("the linter", () => {
  let dir: string;
  const refused = new Set<string>();

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), "fer-bench-direction-"));
    const {
      $schema: _schema,
      vcs: _vcs,
      ...config
    } = JSON.parse(await readFile(join(root, "biome.json"), "utf8"));
    await writeFile(join(dir, "biome.json"), JSON.stringify({ root: true, ...config }));
    for (const from of packages) {
      await mkdir(join(dir, "packages", from, "src"), { recursive: true });
      for (const to of packages) {
        await writeFile(
          join(dir, "packages", from, "src", `${to}.ts`),
          `export * from "@fer-bench/${to}";\n`,
        );
      }
    }
    const biome = join(root, "node_modules/@biomejs/biome/bin/biome");
    const args = [
      biome,
      "lint",
      "--only=style/noRestrictedImports",
      "--reporter=github",
      "--max-diagnostics=none",
    ];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: dir }).catch(
      (error: { stdout: string }) => error,
    );
    for (const [, from, to] of stdout.matchAll(/file=[^,]*packages\/([\w-]+)\/src\/([\w-]+)\.ts/g)) {
      refused.add(`${from} -> ${to}`);
    }
  });
  afterAll(() => rm(dir, { recursive: true, force: true }));

  it.each(packages.filter((name) => name !== "cli"))("refuses what %s may not import", (from) => {
    for (const to of packages) {
      expect([from, to, refused.has(`${from} -> ${to}`)]).toEqual([from, to, !allowedTo(from).includes(to)]);
    }
  });

  it("lets the command line import every package", () => {
    expect(packages.filter((to) => refused.has(`cli -> ${to}`))).toEqual([]);
  });
});
