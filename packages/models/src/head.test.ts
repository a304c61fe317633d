import { describe, expect, it } from "vitest";
import { pixels } from "./backbones/pixels.ts";
import { inputOf, joinGraphs, outputShape } from "./graph/graph.ts";
import { interpret } from "./graph/interpreter.test.support.ts";
import { countParameters, parametersOf } from "./graph/parameters.ts";
import { pictures, scatteredWeights } from "./graph/sample-data.test.support.ts";
import { classifierHead, type HeadOptions } from "./head.ts";
import { adaptNormalization } from "./run/adapt.ts";
import { randomWeights } from "./weights/weights.ts";

const options: HeadOptions = {
  inputs: 1280,
  classes: 7,
  hidden: 256,
  activation: "relu",
  dropout: 0.5,
  standardize: true,
  softmax: false,
};

describe("the classifier head", () => {
  it("has two dense layers, a normalization and dropout where asked", () => {
    expect(classifierHead(options).layers.map(({ name }) => name)).toEqual([
      "features",
      "standardize",
      "hidden",
      "hidden_activation",
      "hidden_dropout",
      "logits",
    ]);
    const parameters = 1280 * 256 + 256 + 256 * 7 + 7;
    expect(countParameters(classifierHead(options), { trainableOnly: true })).toBe(parameters);
  });

  it("is logistic regression without a hidden layer", () => {
    const graph = classifierHead({ ...options, hidden: null, dropout: 0, standardize: false, softmax: true });
    expect(graph.layers.map(({ name }) => name)).toEqual(["features", "logits", "probabilities"]);
    expect(countParameters(graph)).toBe(1280 * 7 + 7);
  });

  it("has the same parameters with and without probabilities", () => {
    expect(parametersOf(classifierHead({ ...options, softmax: true }))).toEqual(
      parametersOf(classifierHead(options)),
    );
  });

  it("refuses a hidden layer of no units", () => {
    expect(() => classifierHead({ ...options, hidden: 0 })).toThrow("one unit or more, not 0");
  });

  it("joins a backbone to one classifier of pictures", () => {
    const backbone = pixels({ height: 4, width: 5, channels: 3 });
    const head = classifierHead({ ...options, inputs: 60, hidden: 4, softmax: true });
    const joined = joinGraphs("classifier", backbone, head);
    expect(inputOf(joined).dtype).toBe("uint8");
    expect(outputShape(joined)).toEqual([7]);
    const weights = scatteredWeights(joined);
    const [picture] = pictures(joined, 1);
    const features = interpret(backbone, new Map(), [picture!]);
    expect(interpret(joined, weights, [picture!])).toEqual(interpret(head, weights, features));
    expect(() => joinGraphs("misfit", backbone, classifierHead(options))).toThrow(
      "two-layer-head reads [1280], but pixels gives [60]",
    );
  });
});

describe("adapting a normalization", () => {
  it("sets mean, population variance and count, whatever the blocks", async () => {
    const graph = classifierHead({ ...options, inputs: 2 });
    const weights = randomWeights(graph, 1);
    const blocks = [Float32Array.of(1, 10, 2, 10), Float32Array.of(3, 10, 6, 10)];
    const adapted = await adaptNormalization(weights, "standardize", blocks);
    expect([...adapted.get("standardize/mean")!.data]).toEqual([3, 10]);
    expect([...adapted.get("standardize/variance")!.data]).toEqual([3.5, 0]);
    expect([...adapted.get("standardize/count")!.data]).toEqual([4]);
    expect([...weights.get("standardize/mean")!.data]).toEqual([0, 0]);
    await expect(adaptNormalization(weights, "standardize", [])).rejects.toThrow("no features at all");
    await expect(adaptNormalization(weights, "standardize", [new Float32Array(3)])).rejects.toThrow(
      "no rows of 2 features",
    );
  });
});
