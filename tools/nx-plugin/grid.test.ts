import { combinations as ofTrain, parseBenchmark } from "@fer-bench/train";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

const load = (file: string) => import(new URL(file, import.meta.url).href);
const { combinations } = await load("./grid.mjs");

/** Whether the command line takes a benchmark.json for a grid; what its fields hold is not looked at. */
function isTaken(grid: unknown): boolean {
  const shared = { title: "T", source: "faces", targets: ["faces"] };
  const outsideTheGrid = (error: unknown) => !/^grid(\.|$)/.test((error as { field?: string }).field ?? "");
  try {
    return parseBenchmark({ ...shared, grid }, "benchmark.json").kind === "grid";
  } catch (error) {
    return outsideTheGrid(error);
  }
}

const fields = [
  "backbone",
  "input.size",
  "features.seed",
  "features.batchSize",
  "train.seed",
  "train.epochs",
  "train.mode",
  "train.optimizer.learningRate",
  "train.head.hidden",
];

describe("the plugin's cells", () => {
  it("are the command line's", () => {
    const value = fc.oneof(
      fc.integer(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.boolean(),
      fc.constant(null),
      fc.constant("finetune"),
      fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9.-]{0,8}$/),
    );
    const values = fc.uniqueArray(value, { minLength: 1, maxLength: 3, selector: String });
    const grids = fc
      .uniqueArray(fc.tuple(fc.constantFrom(...fields), values), {
        minLength: 1,
        maxLength: 4,
        selector: ([field]) => field,
      })
      .map((entries) => Object.fromEntries(entries));
    fc.assert(
      fc.property(grids, fc.constantFrom(undefined, "frozen", "finetune", "none"), (grid, mode) => {
        expect(combinations(grid, mode)).toEqual(ofTrain(grid, mode));
      }),
    );
  });

  it("are none where the command line refuses the grid", () => {
    const seeds = Array.from({ length: 129 }, (_, i) => i);
    const bad: unknown[] = [
      null,
      [],
      "backbone",
      {},
      { backbone: "pixels" },
      { backbone: [] },
      { backbone: null },
      { backbone: [["pixels"]] },
      { backbone: ["pixels", "pixels"] },
      { backbone: ["a/b"] },
      { backbone: [""] },
      { "backbone.x": ["a"] },
      { "train.seed": [1, "1"] },
      { "train.seed": seeds },
      { "train.seed": seeds.slice(0, 65), "train.epochs": [1, 2] },
      { train: [1] },
      { "train.": [1] },
      { ".train": [1] },
      { "train.a/../b": [1] },
      { title: ["a"] },
      { "report.tsne.points": [1] },
      { "targets.0": ["a"] },
    ];
    for (const grid of bad) {
      expect(combinations(grid), JSON.stringify(grid)).toBeUndefined();
      expect(isTaken(grid), JSON.stringify(grid)).toBe(false);
    }
    const good = [{ backbone: ["pixels"] }, { "train.seed": seeds.slice(0, 128) }, { "input.size": [32] }];
    for (const grid of good) {
      expect(combinations(grid), JSON.stringify(grid)).toBeDefined();
      expect(isTaken(grid), JSON.stringify(grid)).toBe(true);
    }
  });
});
