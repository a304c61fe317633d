import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";

const main = fileURLToPath(new URL("./main.ts", import.meta.url));
/** No workspace, and nothing cached. */
const elsewhere = mkdtempSync(join(tmpdir(), "fer-bench-models-"));
afterAll(() => rmSync(elsewhere, { recursive: true, force: true }));

function ferBench(...args: string[]): string {
  const flags = ["--conditions=@fer-bench/source", "--import", import.meta.resolve("tsx")];
  const env = { ...process.env, FER_BENCH_WEIGHTS_DIR: "", FER_BENCH_CACHE: elsewhere };
  const run = spawnSync(process.execPath, [...flags, main, ...args], {
    encoding: "utf8",
    cwd: elsewhere,
    env,
  });
  expect(run.stderr).toBe("");
  expect(run.status).toBe(0);
  return run.stdout;
}

describe("models list", () => {
  test("ends quietly where its reader has had enough", async () => {
    const flags = ["--conditions=@fer-bench/source", "--import", import.meta.resolve("tsx")];
    const child = spawn(process.execPath, [...flags, main, "models", "list"], { cwd: elsewhere });
    child.stdout.once("data", () => child.stdout.destroy());
    let complaints = "";
    child.stderr.on("data", (chunk: Buffer) => {
      complaints += chunk.toString();
    });
    const [status] = (await once(child, "close")) as [number | null];
    expect(complaints).toBe("");
    expect(status).toBe(0);
  });

  test("says what each backbone has and where its weights come from, with no workspace", () => {
    const rows = JSON.parse(ferBench("--json", "models", "list")) as { name: string }[];
    const row = (name: string) => rows.find((one) => one.name === name);
    expect(row("efficientnet-b0.imagenet")).toEqual({
      name: "efficientnet-b0.imagenet",
      title: "EfficientNet-B0, ImageNet weights (Keras)",
      note: null,
      parameters: { withoutTop: 4_049_571, withTop: 5_330_571 },
      weights: {
        kind: "file",
        framework: "keras",
        howToGet: null,
        published: {
          name: "efficientnetb0_notop.h5",
          urls: ["https://storage.googleapis.com/keras-applications/efficientnetb0_notop.h5"],
          checksum: { md5: "50bc09e76180e00e4465e1a485ddc09d" },
          bytes: 16_705_208,
        },
        path: null,
        state: "to be downloaded",
      },
    });
    expect(row("efficientnet-b7.torchvision")).toMatchObject({
      parameters: { withoutTop: 64_097_687, withTop: 66_658_687 },
      weights: { framework: "torchvision", state: "a file that you name" },
    });
    expect(row("pixels")).toMatchObject({
      parameters: { withoutTop: 0, withTop: null },
      weights: { kind: "none" },
    });
  });

  test("is a line each for people", () => {
    expect(ferBench("models", "list")).toMatch(
      /^efficientnet-b1\.random +6,575,239 +7,856,239 {2}drawn from the seed$/m,
    );
  });
});

describe("models info", () => {
  test("describes the layers at a size", () => {
    const info = JSON.parse(
      ferBench("--json", "models", "info", "efficientnet-b1.random", "--size", "64x80", "--grey"),
    );
    expect(info).toMatchObject({
      name: "efficientnet-b1.random",
      note: expect.stringContaining("not trained"),
      ownSize: 240,
      input: [64, 80, 1],
      features: [1280],
      parameters: { withoutTop: 6_575_239 },
      weights: { kind: "random" },
    });
    const sum = info.layers.reduce(
      (total: number, layer: { parameters: number }) => total + layer.parameters,
      0,
    );
    expect(sum).toBe(6_575_239);
    expect(info.layers.find(({ name }: { name: string }) => name === "stem_conv")).toEqual({
      name: "stem_conv",
      kind: "conv2d",
      shape: [32, 40, 32],
      parameters: 864,
    });
    // 0.39e9 multiply-adds at 224x224 in the paper's Table 2, of B0.
    const b0 = JSON.parse(ferBench("--json", "models", "info", "efficientnet-b0.random", "--size", "224"));
    expect(b0.mflops / 2).toBeGreaterThan(380);
    expect(b0.mflops / 2).toBeLessThan(400);
  });

  test("is a table for people", () => {
    const text = ferBench("models", "info", "pixels");
    expect(text).toContain("flatten    reshape            6912");
    expect(text).toContain("  features    6912\n");
  });
});

describe("models fetch", () => {
  const fetched = (name: string) => {
    const flags = ["--conditions=@fer-bench/source", "--import", import.meta.resolve("tsx")];
    const env = {
      ...process.env,
      FER_BENCH_WEIGHTS_DIR: "",
      FER_BENCH_CACHE: elsewhere,
      FER_BENCH_OFFLINE: "1",
    };
    const run = spawnSync(process.execPath, [...flags, main, "models", "fetch", name], {
      encoding: "utf8",
      env,
    });
    return { status: run.status, said: run.stdout + run.stderr };
  };

  test("knows dlib's landmarks by name", { timeout: 120_000 }, () => {
    expect(fetched("dlib-86-points")).toMatchObject({
      status: 78,
      said: expect.stringContaining('did you mean "dlib-68-points"?'),
    });
  });

  test("shows terms of use before it fetches what has some", { timeout: 120_000 }, () => {
    // Debian's libdlib-data may be here.
    const { status, said } = fetched("dlib-68-points");
    expect([0, 78]).toContain(status);
    expect(said.replaceAll("\n", " ")).toContain("whose licence excludes commercial use");
  });
});
