import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createClassifier, writeClassifier } from "@fer-bench/models";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it, type TestContext } from "vitest";
import { linearClassifier } from "../packages/models/src/classifier/sample-classifier.test.support.ts";
import {
  type ConsumerProject,
  createConsumerProject,
  type PackedPackage,
  packPackages,
  type Run,
} from "./test-support/consumer-project.ts";
import { smallSyntheticSet } from "./test-support/small-workspace.ts";

const repository = fileURLToPath(new URL("..", import.meta.url));
/** Packing builds every package; installing unpacks ONNX Runtime. */
const MINUTES = 180_000;

let tarballs: string;
let packed: PackedPackage[];
let project: ConsumerProject;
let state: "installed" | "offline" = "offline";

beforeAll(async () => {
  tarballs = await mkdtemp(join(tmpdir(), "fer-bench-packed-"));
  packed = await packPackages(tarballs);
  project = await createConsumerProject();
}, MINUTES);
afterAll(() => Promise.all([project?.remove(), rm(tarballs, { recursive: true, force: true })]));

/** Says why a test cannot run where the libraries that the packages need could not be installed. */
function skipOffline(context: TestContext): void {
  if (state === "installed") return;
  const need = "needs the npm registry, or what npm ci leaves in npm's cache";
  if (process.env.FER_BENCH_REQUIRE === "1") expect.fail(`FER_BENCH_REQUIRE=1, and this ${need}`);
  context.skip(need);
}

describe("models in a project of somebody else's", () => {
  beforeAll(async () => {
    const needed = packed.filter(({ folder }) => ["models", "artifacts"].includes(folder));
    state = await project.install(needed, ["sharp", "@types/node"]);
  }, MINUTES);

  it("brings what it needs, and nothing else of ours", async (context) => {
    skipOffline(context);
    const own = await readdir(join(project.root, "node_modules/@fer-bench"));
    expect(own.sort()).toEqual(["artifacts", "models"]);
  });

  it(
    "type-checks and runs the example of its README: load, classify a picture, list models",
    async (context) => {
      skipOffline(context);
      const example = await exampleOf("packages/models/README.md");
      const [, classifierFile] = /readClassifier\("(.*?)"\)/.exec(example)!;
      const [, pictureFile] = /sharp\("(.*?)"\)/.exec(example)!;
      const classifier = linearClassifier({ height: 48, width: 48, channels: 1 });
      await writeClassifier(join(project.root, classifierFile!), classifier);
      const picture = await facePicture();
      await project.write(pictureFile!, picture);
      const { status, stdout, stderr } = await compileAndRun("example", example);
      expect([status, stderr]).toEqual([0, ""]);

      const pixels = await sharp(picture).resize(48, 48, { fit: "fill" }).raw().toBuffer();
      const running = await createClassifier(classifier, { threads: 1 });
      const [expected] = await running.classify(pixels);
      await running.close();
      const { label, probability, probabilities } = expected!;
      expect(stdout).toContain(`${label}: ${(100 * probability).toFixed(1)}%\n`);
      classifier.classes.forEach((name, i) => {
        expect(stdout).toContain(`  ${name.padEnd(8)} ${probabilities[i]!.toFixed(3)}\n`);
      });
      expect(stdout).toContain("efficientnet-b0.random: EfficientNet-B0, random weights\n");
    },
    MINUTES,
  );
});

describe("every package in a project of somebody else's", () => {
  beforeAll(async () => {
    state = await project.install(packed);
  }, MINUTES);

  const folderOf = (name: string) => join(project.root, "node_modules", name);

  it(
    "type-checks, and is imported by its name",
    async (context) => {
      skipOffline(context);
      const names = packed.map(({ manifest }) => manifest.name);
      const lines = names.flatMap((name, i) => [
        `import * as p${i} from "${name}";`,
        `console.log("${name}", typeof p${i});`,
      ]);
      const { stdout, stderr } = await compileAndRun("import-all", lines.join("\n"));
      expect(stderr).toBe("");
      expect(stdout).toBe(names.map((name) => `${name} object\n`).join(""));
    },
    MINUTES,
  );

  it("holds what its manifest names, its README and the licence, and neither sources nor tests", async (context) => {
    skipOffline(context);
    const licence = await readFile(join(repository, "LICENSE"), "utf8");
    for (const { manifest } of packed) {
      const folder = folderOf(manifest.name);
      const { "@fer-bench/source": _source, ...entry } = manifest.exports["."]!;
      for (const file of [...Object.values(entry), ...Object.values(manifest.bin ?? {}), "README.md"]) {
        expect([manifest.name, file, existsSync(join(folder, file))]).toEqual([manifest.name, file, true]);
      }
      expect(await readFile(join(folder, "LICENSE"), "utf8")).toBe(licence);
      const files = await readdir(folder, { recursive: true });
      expect(files.filter((file) => /^src|\.test\.|tsbuildinfo|(?<!\.d)\.ts$/.test(file))).toEqual([]);
    }
  });

  it("asks for the others of its own release", () => {
    const versions = new Map(packed.map(({ manifest: { name, version } }) => [name, version]));
    for (const { manifest } of packed) {
      for (const [name, range] of Object.entries(manifest.dependencies ?? {})) {
        if (name.startsWith("@fer-bench/")) expect([name, range]).toEqual([name, versions.get(name)]);
      }
    }
  });

  it(
    "runs fer-bench from its build, threads and the sets' packages included",
    async (context) => {
      skipOffline(context);
      const manifest = { datasets: { small: smallSyntheticSet(1) } };
      await project.write("datasets.manifest.json", JSON.stringify(manifest));
      const command = join(folderOf("@fer-bench/cli"), "bin/fer-bench.mjs");
      for (const stage of ["generate", "prepare"]) {
        const { status, stderr } = await project.node(command, "--quiet", stage, "small");
        expect([stage, status, stderr]).toEqual([stage, 0, ""]);
      }
      expect(existsSync(join(project.root, "artifacts/datasets/small/prepare/records.parquet"))).toBe(true);
    },
    MINUTES,
  );
});

/** The first TypeScript of a README: what its reader tries. */
async function exampleOf(readme: string): Promise<string> {
  const [, example] = /```ts\n(.*?)```/s.exec(await readFile(join(repository, readme), "utf8"))!;
  return example!;
}

/** Compiles a module in the strict project, where every declaration file is checked, and runs it. */
async function compileAndRun(name: string, text: string): Promise<Run> {
  await project.write(`${name}.ts`, text);
  await project.write("tsconfig.json", JSON.stringify({ compilerOptions: STRICT, files: [`${name}.ts`] }));
  const compiled = await project.node(join(repository, "node_modules/typescript/bin/tsc"), "-p", ".");
  expect(compiled).toEqual({ status: 0, stdout: "", stderr: "" });
  return project.node(`${name}.js`);
}

const STRICT = { target: "es2022", module: "nodenext", strict: true, skipLibCheck: false, types: ["node"] };

/** A face of the rendered set's contact sheet. */
function facePicture(): Promise<Buffer> {
  const face = { left: 200, top: 100, width: 96, height: 96 };
  return sharp(join(repository, "docs/contact-sheet.png")).extract(face).jpeg().toBuffer();
}
