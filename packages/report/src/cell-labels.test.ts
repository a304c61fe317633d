import { describe, expect, it } from "vitest";
import { cellLabels } from "./cell-labels.ts";

const titled = (...titles: string[]) => titles.map((backbone) => ({ backbone, values: {} }));

describe("cellLabels", () => {
  it("leaves out what all titles begin and end with, in whole words, and says it once", () => {
    const cells = titled("EfficientNet-B0, random weights", "EfficientNet-B1, random weights");
    expect(cellLabels(cells)).toEqual({
      labels: ["B0", "B1"],
      backbones: "EfficientNet-{B0, B1}, random weights",
    });
  });

  it("keeps titles that have nothing in common", () => {
    expect(cellLabels(titled("EfficientNet-B0, random weights", "Raw pixels"))).toEqual({
      labels: ["EfficientNet-B0, random weights", "Raw pixels"],
      backbones: "EfficientNet-B0, random weights; Raw pixels",
    });
  });

  it("leaves something of every title, though one begins the other or both end alike", () => {
    expect(cellLabels(titled("Net", "Net, wide"))).toEqual({
      labels: ["Net", "Net, wide"],
      backbones: "Net; Net, wide",
    });
    expect(cellLabels(titled("A-A", "A-A-A")).labels).toEqual(["A", "A-A"]);
  });

  it("names what varies besides, and the backbone only where it varies", () => {
    const values = [{ learningRate: 0.1 }, { learningRate: null }];
    expect(cellLabels(values.map((one) => ({ backbone: "Net", values: one })))).toEqual({
      labels: ["learningRate 0.1", "learningRate null"],
      backbones: "Net",
    });
    const both = ["Net-1", "Net-2"].flatMap((backbone) => values.map((one) => ({ backbone, values: one })));
    expect(cellLabels(both).labels[1]).toBe("1, learningRate null");
  });

  it("calls the one cell of a grid by its backbone", () => {
    expect(cellLabels(titled("Net"))).toEqual({ labels: ["Net"], backbones: "Net" });
  });
});
