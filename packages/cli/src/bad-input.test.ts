import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { deflateRawSync, gzipSync } from "node:zlib";
import { DEVICES, ENGINES } from "@fer-bench/models";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

const main = fileURLToPath(new URL("./main.ts", import.meta.url));
const labels = ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"];
const HEADER = "emotion,pixels,Usage";

let workspace: string;

beforeEach(() => {
  workspace = mkdtempSync(join(tmpdir(), "fer-bench-bad-input-"));
  writeManifest(() => {});
});
afterEach(() => rmSync(workspace, { recursive: true, force: true }));

/** A workspace with FER-2013 and a rendered set of 21 pictures. */
function writeManifest(change: (manifest: ReturnType<typeof manifestOf>) => void): void {
  const manifest = manifestOf();
  change(manifest);
  writeFileSync(join(workspace, "datasets.manifest.json"), JSON.stringify(manifest, undefined, 2));
}

function manifestOf() {
  const counts = (n: number) => Object.fromEntries(labels.map((label) => [label, n]));
  const common = {
    licence: { name: "none", redistributable: false },
    citation: "none",
    source: { howToGet: "Ask whoever has it." },
    classes: labels,
  };
  return {
    datasets: {
      fer2013: {
        ...common,
        package: "@fer-bench/dataset-fer2013",
        title: "FER-2013",
        channels: 1,
        face: { kind: "whole" },
        expected: { counts: { train: counts(1) } },
      },
      rendered: {
        ...common,
        package: "@fer-bench/dataset-synthetic",
        title: "Rendered",
        generated: true,
        channels: 3,
        options: { size: 48, identities: { train: 1, validation: 1, test: 1 } },
        face: { kind: "box", margin: 0.1 },
        expected: { counts: { train: counts(1), validation: counts(1), test: counts(1) } },
      },
    },
  };
}

function ferBench(...args: string[]): { status: number | null; stderr: string; stdout: string } {
  const flags = ["--conditions=@fer-bench/source", "--import", import.meta.resolve("tsx")];
  const run = spawnSync(process.execPath, [...flags, main, "--quiet", "--workspace", workspace, ...args], {
    encoding: "utf8",
    env: {
      ...process.env,
      FER_BENCH_WEIGHTS_DIR: join(workspace, "mirror"),
      FER_BENCH_CACHE: join(workspace, "cache"),
    },
  });
  return { status: run.status, stderr: run.stderr, stdout: run.stdout };
}

function put(path: string, content: string | Buffer): string {
  const full = join(workspace, path);
  mkdirSync(join(full, ".."), { recursive: true });
  writeFileSync(full, content);
  return full;
}

/** Everything in the workspace that a command could have left behind. */
function leftovers(): string[] {
  return ["data", "artifacts"]
    .filter((folder) => existsSync(join(workspace, folder)))
    .flatMap((folder) => readdirSync(join(workspace, folder), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name);
}

/** One error, on stderr alone: it names the file, says what to do, and exits with the status of its kind. */
function expectError(
  run: ReturnType<typeof ferBench>,
  status: number,
  file: string,
  ...saying: RegExp[]
): void {
  expect(run.stderr.match(/^error: /gm) ?? [], run.stderr).toHaveLength(1);
  expect(run.stderr).not.toContain("a fault of fer-bench itself");
  expect(run.stderr).toContain(file);
  expect(run.stderr).toMatch(/^ {2}remedy: \S/m);
  for (const words of saying) expect(run.stderr).toMatch(words);
  expect(run.stdout).toBe("");
  expect(run.status).toBe(status);
}

const row = (values: number): string =>
  `0,${Array.from({ length: values }, (_, i) => i % 256).join(" ")},Training`;

describe("importing", () => {
  test("a truncated gz", () => {
    const whole = gzipSync(`${HEADER}\n${Array.from({ length: 50 }, () => row(2304)).join("\n")}\n`);
    const file = put("in/fer2013.csv.gz", whole.subarray(0, whole.length / 2));
    expectError(ferBench("datasets", "import", "fer2013", file), 65, file);
    expect(leftovers()).toEqual([]);
  });

  test("a truncated zip", () => {
    const whole = zipOf("fer2013.csv", Buffer.from(`${HEADER}\n${row(2304)}\n`));
    const file = put("in/fer2013.zip", whole.subarray(0, whole.length - 40));
    expectError(ferBench("datasets", "import", "fer2013", file), 65, file);
    expect(leftovers()).toEqual([]);
  });

  test("a csv with a short pixel row", () => {
    const file = put("in/fer2013.csv", `${HEADER}\n${row(2304)}\n${row(2300)}\n`);
    expectError(ferBench("datasets", "import", "fer2013", file), 65, file, /2300/, /2304/);
    expect(leftovers()).toEqual([]);
  });

  test("an unknown class folder", () => {
    put("in/folder/train/bored/im0.png", "not looked at");
    const run = ferBench("datasets", "import", "fer2013", join(workspace, "in/folder"));
    expectError(run, 65, join(workspace, "in/folder"), /bored/);
    expect(leftovers()).toEqual([]);
  });

  test("a text file named .jpg", () => {
    put("in/folder/train/angry/Training_1.jpg", "no picture at all");
    const run = ferBench("datasets", "import", "fer2013", join(workspace, "in/folder"));
    expectError(run, 65, "Training_1.jpg");
    expect(leftovers()).toEqual([]);
  });

  test("a path that is not there", () => {
    expectError(ferBench("datasets", "import", "fer2013", join(workspace, "nowhere")), 66, "nowhere");
  });
});

describe("the manifest", () => {
  test("a wrong count is shown as a difference, and no records stay", () => {
    writeManifest(({ datasets }) => {
      datasets.rendered.expected.counts.validation!.happy = 3;
    });
    expect(ferBench("generate", "rendered").status).toBe(0);
    const run = ferBench("prepare", "rendered");
    expectError(
      run,
      65,
      "datasets.manifest.json",
      /validation +happy +3 +1 +-2/,
      /field: +datasets\.rendered\.expected\n/,
    );
    expect(existsSync(join(workspace, "artifacts/datasets/rendered/prepare"))).toBe(false);
    expect(leftovers()).not.toContain("records.parquet");
  });

  test("an unknown key, with the one that was meant", () => {
    writeManifest(({ datasets }) => {
      Object.assign(datasets.fer2013, { licens: {} });
    });
    expectError(
      ferBench("datasets", "list"),
      78,
      "datasets.manifest.json",
      /licens/,
      /did you mean "licence"/,
    );
  });

  test("an unknown data set, with the one that was meant", () => {
    expectError(ferBench("prepare", "fer2031"), 78, "datasets.manifest.json", /did you mean "fer2013"/);
  });

  test("an option that the data set's package does not know", () => {
    writeManifest(({ datasets }) => {
      Object.assign(datasets.rendered.options, { sede: 2 });
    });
    expectError(ferBench("generate", "rendered"), 78, "datasets.manifest.json", /did you mean "seed"/);
  });
});

describe("a benchmark", () => {
  const benchmark = { title: "T", source: "rendered", targets: ["rendered"], backbone: "pixels" };

  test("an unknown key of benchmark.json, with the one that was meant", () => {
    const text = JSON.stringify({ ...benchmark, train: { epoch: 10 } });
    const file = put("benchmarks/b/benchmark.json", text);
    expectError(
      ferBench("train", "b"),
      78,
      file,
      /unknown key "epoch"/,
      /train\.epoch/,
      /did you mean "epochs"/,
    );
    expect(leftovers()).toEqual([]);
  });

  test("an engine that is none, and one that never runs on the device, in benchmark.json", () => {
    const unknown = put("benchmarks/b/benchmark.json", JSON.stringify({ ...benchmark, engine: "torch" }));
    expectError(ferBench("features", "b"), 78, unknown, /engine/, /"onnx"\|"tfjs"/);
    const pair = JSON.stringify({ ...benchmark, engine: "tfjs", device: "webgpu" });
    put("benchmarks/b/benchmark.json", pair);
    for (const stage of ["features", "evaluate"]) {
      expectError(ferBench(stage, "b"), 78, "device", /tfjs does not run on the device webgpu/);
    }
    expect(leftovers()).toEqual([]);
  });

  test("an engine that is not installed, chosen by flags: how to install it", () => {
    put("benchmarks/b/benchmark.json", JSON.stringify(benchmark));
    expectError(
      ferBench("features", "b", "--engine", "tfjs", "--device", "cuda"),
      69,
      "engine",
      /needs @tensorflow\/tfjs-node-gpu, which is not installed/,
      /remedy: npm install @tensorflow\/tfjs-node-gpu/,
    );
    expect(leftovers()).toEqual([]);
  });

  test("an engine to train by, where no backbone is trained, and an optimizer that the engine lacks", () => {
    put("benchmarks/b/benchmark.json", JSON.stringify(benchmark));
    const head = ferBench("train", "b", "--engine", "tfjs");
    expectError(head, 78, "--engine", /trains no backbone/, /features and evaluate/);
    const train = { mode: "finetune", optimizer: { kind: "adamw" } };
    put("benchmarks/b/benchmark.json", JSON.stringify({ ...benchmark, train }));
    const adamw = ferBench("train", "b", "--engine", "tfjs");
    expectError(adamw, 78, "train.optimizer.kind", /no optimizer adamw/, /engine onnx/);
    expect(leftovers()).toEqual([]);
  });

  test("a stage whose input was never made", () => {
    put("benchmarks/b/benchmark.json", JSON.stringify(benchmark));
    expectError(
      ferBench("train", "b"),
      66,
      join("artifacts", "benchmarks", "b", "features"),
      /run the features stage/,
    );
    expect(leftovers()).toEqual([]);
  });
});

describe("weights", () => {
  const hash = "50bc09e76180e00e4465e1a485ddc09d";

  test("that are nowhere, offline: which file to put where", () => {
    const run = ferBench("--offline", "models", "fetch", "efficientnet-b0.imagenet");
    expectError(
      run,
      66,
      join(workspace, "mirror", "efficientnetb0_notop.h5"),
      /downloads are switched off/,
      new RegExp(`16,705,208 bytes, md5 ${hash}`),
      /storage\.googleapis\.com\/keras-applications\/efficientnetb0_notop\.h5/,
    );
  });

  test("another file under the published name", () => {
    const file = put("mirror/efficientnetb0_notop.h5", "no weights");
    const run = ferBench("--offline", "models", "fetch", "efficientnet-b0.imagenet");
    expectError(run, 66, file, /is not the published file: it has 10 bytes, the published file 16705208/);
  });

  test("a name that is not there, and one that has no file", () => {
    expectError(ferBench("models", "info", "efficientnet-b9"), 78, "backbone", /efficientnet-b/);
    expectError(ferBench("models", "fetch", "pixels"), 78, "names", /nothing to fetch for pixels/);
    expectError(ferBench("models", "fetch", "efficientnet-b0.timm"), 78, "names", /tf_efficientnet_b0/);
  });
});

describe("exporting", () => {
  const benchmark = { title: "T", source: "rendered", targets: ["rendered"], backbone: "pixels" };

  test("a benchmark that has not run", () => {
    put("benchmarks/b/benchmark.json", JSON.stringify(benchmark));
    const run = ferBench("export", "b", "--out", join(workspace, "out"));
    expectError(run, 66, join("artifacts", "benchmarks", "b", "features"), /run the features stage/);
    expect(existsSync(join(workspace, "out"))).toBe(false);
    expect(leftovers()).toEqual([]);
  });

  test("a benchmark that is not there, with the one that was meant", () => {
    put("benchmarks/pixels/benchmark.json", JSON.stringify(benchmark));
    expectError(ferBench("export", "pixel"), 66, join("benchmarks", "pixel"), /did you mean "pixels"/);
  });

  test("a format that there is not", () => {
    put("benchmarks/b/benchmark.json", JSON.stringify(benchmark));
    const run = ferBench("export", "b", "--formats", "onnx,keras");
    expect(run.status).toBe(64);
    expect(run.stderr).toMatch(/"keras" is none of onnx, safetensors/);
  });
});

describe("a grid", () => {
  const shared = { title: "T", source: "rendered", targets: ["rendered"] };
  const grid = { backbone: ["efficientnet-b0.random", "pixels"], "train.epochs": [1, 2] };
  const writeGrid = (value: unknown) => put("benchmarks/g/benchmark.json", JSON.stringify(value));

  test("a field that no benchmark has, in its grid", () => {
    const file = writeGrid({ ...shared, backbone: "pixels", grid: { "train.epoch": [1] } });
    expectError(ferBench("report", "g"), 78, file, /grid\.train\.epoch\b/, /did you mean "epochs"/);
  });

  test("a stage of all cells at once: one has to be named", () => {
    const file = writeGrid({ ...shared, grid });
    expectError(ferBench("train", "g"), 78, file, /g is a grid/, /g\/pixels_epochs-1, g\/pixels_epochs-2/);
    expectError(ferBench("features", "g"), 78, file, /: g\/efficientnet-b0\.random, g\/pixels$/m);
  });

  test("a cell that is not there, and one that is not told from others", () => {
    const file = writeGrid({ ...shared, grid });
    expectError(ferBench("train", "g/b7"), 78, file, /"b7" names no cells of g/);
    const both = /: g\/efficientnet-b0\.random_epochs-1, g\/efficientnet-b0\.random_epochs-2$/m;
    expectError(ferBench("train", "g/b0"), 78, file, /"b0" names 2 cells of g/, both);
  });

  test("a cell by the words that no other has: what is missing is its own", () => {
    writeGrid({ ...shared, grid });
    const cell = join("artifacts", "benchmarks", "g", "efficientnet-b0.random", "features");
    expectError(ferBench("train", "g/b0.random_epochs-2"), 66, cell, /run the features stage/);
  });

  test("a cell of a benchmark that is no grid", () => {
    const file = writeGrid({ ...shared, backbone: "pixels" });
    expectError(ferBench("train", "g/b0"), 78, file, /g is no grid/);
  });

  test("a report of one cell", () => {
    const file = writeGrid({ ...shared, grid });
    expectError(ferBench("report", "g/pixels_epochs-1"), 78, file, /cells are reported together/);
  });
});

test("data that have to be fetched by hand: where to get them", () => {
  expectError(ferBench("prepare", "fer2013"), 66, join("data", "raw", "fer2013"), /Ask whoever has it/);
});

test("wrong usage exits with 64", () => {
  expect(ferBench("prepair", "fer2013").status).toBe(64);
  expect(ferBench("prepare").status).toBe(64);
  expect(ferBench("--threads", "none", "prepare", "fer2013").status).toBe(64);
  expect(ferBench("features", "b", "--engine", "torch").status).toBe(64);
  expect(ferBench("report", "b", "--engine", "onnx").status).toBe(64);
});

test("the help of a stage that runs a network has every engine and device", () => {
  const stdout = ferBench("features", "--help").stdout.replace(/\s+/g, " ");
  for (const words of [ENGINES, DEVICES]) {
    expect(stdout).toContain(`(choices: ${words.map((word) => `"${word}"`).join(", ")})`);
  }
});

/** A zip of one deflated entry, by PKWARE's APPNOTE 6.3: local header, data, central directory, its end. */
function zipOf(name: string, content: Buffer): Buffer {
  const data = deflateRawSync(content);
  const common = Buffer.alloc(26);
  common.writeUInt16LE(20, 0);
  common.writeUInt16LE(8, 4);
  common.writeUInt32LE(data.length, 14);
  common.writeUInt32LE(content.length, 18);
  common.writeUInt16LE(name.length, 22);
  const local = Buffer.concat([Buffer.from("PK\x03\x04", "latin1"), common, Buffer.from(name), data]);
  const central = Buffer.concat([
    Buffer.from("PK\x01\x02\x14\x00", "latin1"),
    common,
    Buffer.alloc(14),
    Buffer.from(name),
  ]);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", 0, "latin1");
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(local.length, 16);
  return Buffer.concat([local, central, end]);
}
