import { FerBenchError } from "@fer-bench/artifacts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { benchmarkSchema } from "./benchmark.ts";
import { combinations, fieldLabel, type GridCell, MOST_CELLS, parseBenchmark } from "./grid.ts";

const shared = { title: "Sweep", source: "faces", targets: ["faces"] };
const FILE = "benchmarks/sweep/benchmark.json";

function cellsOf(value: Record<string, unknown>): readonly GridCell[] {
  const parsed = parseBenchmark({ ...shared, ...value }, FILE);
  if (parsed.kind !== "grid") throw new Error("no grid");
  return parsed.cells;
}

function errorOf(value: Record<string, unknown>): FerBenchError {
  try {
    parseBenchmark({ ...shared, ...value }, FILE);
  } catch (error) {
    expect(error).toBeInstanceOf(FerBenchError);
    expect(error).toMatchObject({ code: "bad-config", file: FILE, remedy: expect.stringMatching(/\S/) });
    return error as FerBenchError;
  }
  throw new Error("it was taken");
}

describe("a benchmark without a grid", () => {
  it("is what its schema says", () => {
    const value = { ...shared, backbone: "pixels", train: { epochs: 3 } };
    expect(parseBenchmark(value, FILE)).toEqual({ kind: "single", benchmark: benchmarkSchema.parse(value) });
  });

  it("refuses a misspelt grid, and says what was meant", () => {
    expect(errorOf({ backbone: "pixels", gird: {} })).toMatchObject({
      field: "gird",
      remedy: 'did you mean "grid"?',
    });
  });
});

describe("the cells of a grid", () => {
  it("are plain benchmarks: the shared fields, their own values, and defaults", () => {
    const train = { epochs: 5, optimizer: { momentum: 0.5 } };
    const cells = cellsOf({ train, grid: { backbone: ["efficientnet-b0.random", "pixels"] } });
    expect(cells.map(({ name, features }) => [name, features])).toEqual([
      ["efficientnet-b0.random", "efficientnet-b0.random"],
      ["pixels", "pixels"],
    ]);
    for (const { name, benchmark } of cells) {
      expect(benchmark).toEqual(benchmarkSchema.parse({ ...shared, train, backbone: name }));
    }
  });

  it("are every combination, the first field slowest, each with the rest of its sections", () => {
    const grid = { "train.optimizer.learningRate": [0.01, 1e-7], "train.head.hidden": [256, null] };
    const cells = cellsOf({ backbone: "pixels", train: { optimizer: { momentum: 0.5 } }, grid });
    expect(cells.map(({ name }) => name)).toEqual([
      "learningRate-0.01_hidden-256",
      "learningRate-0.01_hidden-null",
      "learningRate-1e-7_hidden-256",
      "learningRate-1e-7_hidden-null",
    ]);
    expect(cells[3]!.benchmark.train).toMatchObject({
      head: { hidden: null, standardize: true },
      optimizer: { learningRate: 1e-7, momentum: 0.5, kind: "sgd" },
    });
  });

  it("share features where they differ in training alone", () => {
    const grid = { "features.seed": [1, 2], "train.epochs": [1, 2], "train.seed": [3] };
    expect(cellsOf({ backbone: "pixels", grid }).map(({ name, features }) => [name, features])).toEqual([
      ["features.seed-1_epochs-1_train.seed-3", "features.seed-1"],
      ["features.seed-1_epochs-2_train.seed-3", "features.seed-1"],
      ["features.seed-2_epochs-1_train.seed-3", "features.seed-2"],
      ["features.seed-2_epochs-2_train.seed-3", "features.seed-2"],
    ]);
    const inTraining = cellsOf({ backbone: "pixels", grid: { "train.epochs": [1, 2] } });
    expect(inTraining.map(({ features }) => features)).toEqual(["shared", "shared"]);
  });

  it("do not share features that training makes", () => {
    const grid = { "train.seed": [1, 2] };
    const tuned = cellsOf({ backbone: "pixels", train: { mode: "finetune" }, grid });
    expect(tuned.map(({ name, features }) => [name, features])).toEqual([
      ["seed-1", "seed-1"],
      ["seed-2", "seed-2"],
    ]);
    const both = cellsOf({
      backbone: "pixels",
      grid: { "train.mode": ["frozen", "finetune"], "train.seed": [1] },
    });
    expect(both.map(({ name, features }) => [name, features])).toEqual([
      ["mode-frozen_seed-1", "shared"],
      ["mode-finetune_seed-1", "mode-finetune_seed-1"],
    ]);
  });

  it("keep name and values when values are added or change places", () => {
    const value = fc.oneof(
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.stringMatching(/^[a-z][a-z0-9.-]*$/),
    );
    const values = fc.uniqueArray(value, { minLength: 1, maxLength: 4, selector: String });
    fc.assert(
      fc.property(values, values, values, (backbones, seeds, more) => {
        const small = combinations({ backbone: backbones, "train.seed": seeds }, undefined);
        const wider = [...new Map([...more, ...seeds].map((one) => [String(one), one])).values()];
        const names = new Map(
          combinations({ backbone: [...backbones].reverse(), "train.seed": wider }, undefined).map((one) => [
            one.name,
            one,
          ]),
        );
        expect(names.size).toBe(backbones.length * wider.length);
        for (const { name } of small) expect(names.has(name)).toBe(true);
      }),
    );
  });

  it("are labelled by the last word of a field, or all of it where two end alike", () => {
    const fields = ["backbone", "train.optimizer.learningRate", "train.seed", "features.seed"];
    expect(fields.map((field) => fieldLabel(fields, field))).toEqual([
      "backbone",
      "learningRate",
      "train.seed",
      "features.seed",
    ]);
  });
});

describe("a bad grid names its field and what is wrong", () => {
  const backbone = "pixels";

  it.each([
    ["no field", {}, "grid", /at least one field/],
    ["an empty list", { "train.epochs": [] }, "grid.train.epochs", /at least one value/],
    ["no list", { "train.epochs": 3 }, "grid.train.epochs", /expected array/],
    ["a value that is none", { "train.epochs": [{}] }, "grid.train.epochs.0", /./],
    ["a value twice", { "train.epochs": [1, 2, 1] }, "grid.train.epochs.2", /1 is listed twice/],
    ["a value out of range", { "train.epochs": [1, 0] }, "grid.train.epochs", /cell epochs-0/],
    ["a field that is the whole benchmark's", { title: ["a"] }, "grid.title", /a grid varies backbone/],
    ["a section for its fields", { train: ["frozen"] }, "grid.train", /a grid varies backbone/],
    ["a path that leads elsewhere", { "train.../x": [1] }, "grid.train.../x", /a grid varies backbone/],
    ["prototypes", { "train.__proto__": [1] }, "grid.train.__proto__", /a grid varies backbone/],
  ])("%s", (_, grid, field, message) => {
    const error = errorOf({ backbone, grid });
    expect(error.field).toBe(field);
    expect(error.message).toMatch(message);
  });

  it("a field that no benchmark has, with the one that was meant", () => {
    const error = errorOf({ backbone, grid: { "train.optimizer.learningrate": [1, 2] } });
    expect(error).toMatchObject({
      message: expect.stringContaining('unknown key "learningrate"'),
      field: "grid.train.optimizer.learningrate",
      remedy: 'did you mean "learningRate"?',
    });
  });

  it("a field given in the grid and outside", () => {
    const train = { optimizer: { learningRate: 0.1 } };
    const error = errorOf({ backbone, train, grid: { "train.optimizer.learningRate": [1] } });
    expect(error).toMatchObject({
      message: expect.stringContaining("given twice"),
      field: "grid.train.optimizer.learningRate",
    });
    expect(errorOf({ backbone, grid: { backbone: ["pixels"] } }).field).toBe("grid.backbone");
  });

  it("a text that cannot be part of a name", () => {
    const error = errorOf({ grid: { backbone: ["pixels", "../pixels"] } });
    expect(error.field).toBe("grid.backbone.1");
  });

  it("too many cells", () => {
    const seeds = Array.from({ length: MOST_CELLS }, (_, i) => i);
    expect(cellsOf({ backbone, grid: { "train.seed": seeds } })).toHaveLength(MOST_CELLS);
    const error = errorOf({ backbone, grid: { "train.seed": seeds, "train.epochs": [1, 2] } });
    expect(error).toMatchObject({
      field: "grid",
      message: expect.stringContaining("256 cells are too many"),
    });
  });

  it("a mistake outside the grid, where it stands", () => {
    expect(errorOf({ backbone, input: { sice: 3 }, grid: { "train.epochs": [1] } }).field).toBe("input.sice");
    expect(errorOf({ grid: { "train.epochs": [1] } }).field).toBe("backbone");
  });
});
