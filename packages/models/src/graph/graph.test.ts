import { describe, expect, it } from "vitest";
import { defineGraph } from "./graph.ts";
import type { Layer } from "./layers.ts";

const input: Layer = { kind: "input", name: "input", inputs: [], shape: [8, 8, 3], dtype: "uint8" };

describe("a graph", () => {
  it("infers every layer's shape", () => {
    const graph = defineGraph("net", [input, { kind: "globalAveragePool", name: "pool", inputs: ["input"] }]);
    expect([...graph.shapes]).toEqual([
      ["input", [8, 8, 3]],
      ["pool", [3]],
    ]);
  });

  it.each<[string, Layer[], string]>([
    ["a name twice", [input, { ...input }], "two layers named input"],
    [
      "a layer before its input",
      [input, { kind: "add", name: "add", inputs: ["input", "later"] }],
      "Layer add of net reads later, which is not before it",
    ],
    [
      "shapes that do not fit",
      [
        input,
        { kind: "globalAveragePool", name: "pool", inputs: ["input"] },
        { kind: "add", name: "add", inputs: ["input", "pool"] },
      ],
      "Layer add (add) cannot read [8, 8, 3] and [3]",
    ],
    ["no input first", [], "must begin with its one input"],
  ])("refuses %s", (_what, layers, message) => {
    expect(() => defineGraph("net", layers)).toThrow(message);
  });
});
