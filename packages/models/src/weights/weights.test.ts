import { createRandom } from "@fer-bench/artifacts";
import { describe, expect, it } from "vitest";
import { efficientnet } from "../backbones/efficientnet.ts";
import {
  GLOROT_UNIFORM,
  HE_NORMAL_FAN_OUT,
  type Initializer,
  initialize,
  PYTORCH_DEFAULT,
  pytorchBias,
} from "../graph/initializers.ts";
import { classifierHead } from "../head.ts";
import { checkWeights, randomWeights } from "./weights.ts";

function moments(data: Float32Array) {
  const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
  const variance = data.reduce((sum, value) => sum + (value - mean) ** 2, 0) / data.length;
  const largest = data.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  return { mean, variance, largest };
}

const truncated: Initializer = {
  kind: "varianceScaling",
  scale: 2,
  mode: "fanOut",
  distribution: "truncatedNormal",
};

describe("initialisers", () => {
  it("draw truncated normals of variance scale / fan, cut at two deviations of the parent", () => {
    const { mean, variance, largest } = moments(initialize(truncated, [3, 3, 40, 100], createRandom(1)));
    const expected = 2 / (9 * 100);
    expect(Math.abs(mean)).toBeLessThan(3 * Math.sqrt(expected / 36_000));
    expect(variance / expected).toBeCloseTo(1, 1);
    const parent = Math.sqrt(expected) / 0.87962566103423978;
    expect(largest).toBeLessThanOrEqual(2 * parent * (1 + 1e-6));
    expect(largest).toBeGreaterThan(1.99 * parent);
  });

  it("draw Glorot's uniform within sqrt(6 / (in + out))", () => {
    const { variance, largest } = moments(initialize(GLOROT_UNIFORM, [200, 100], createRandom(1)));
    expect(largest).toBeLessThanOrEqual(Math.sqrt(6 / 300));
    expect(variance / (2 / 300)).toBeCloseTo(1, 1);
  });

  it("draw normals that nothing cuts off, and uniforms of a given width", () => {
    const normal = moments(initialize(HE_NORMAL_FAN_OUT, [3, 3, 40, 100], createRandom(1)));
    expect(normal.variance / (2 / 900)).toBeCloseTo(1, 1);
    expect(normal.largest).toBeGreaterThan(3 * Math.sqrt(2 / 900));
    const deviation = moments(initialize({ kind: "normal", deviation: 0.01 }, [10_000], createRandom(1)));
    expect(deviation.variance / 1e-4).toBeCloseTo(1, 1);
    for (const [initializer, shape] of [
      [PYTORCH_DEFAULT, [2, 2, 100, 30]],
      [pytorchBias(400), [12_000]],
    ] as const) {
      const { variance, largest } = moments(initialize(initializer, shape, createRandom(1)));
      expect(largest).toBeLessThanOrEqual(Math.fround(1 / 20));
      expect(variance / (1 / 1200)).toBeCloseTo(1, 1);
    }
  });

  it("take a depthwise kernel's fan out from its multiplier, as Keras does", () => {
    const { variance } = moments(initialize(truncated, [5, 5, 1000, 1], createRandom(1)));
    expect(variance / (2 / 25)).toBeCloseTo(1, 1);
  });
});

describe("random weights", () => {
  const graph = classifierHead({
    inputs: 30,
    classes: 7,
    hidden: 8,
    activation: "relu",
    dropout: 0,
    standardize: true,
    softmax: false,
  });

  it("depend on the seed and the parameter's name alone", () => {
    expect(randomWeights(graph, 1)).toEqual(randomWeights(graph, 1));
    expect(randomWeights(graph, 2)).not.toEqual(randomWeights(graph, 1));
    const input = { height: 32, width: 32, channels: 3 } as const;
    const without = randomWeights(efficientnet({ variant: "b0", input }), 5);
    const withTop = randomWeights(efficientnet({ variant: "b0", input, top: { classes: 3 } }), 5);
    expect(withTop.get("top_conv/kernel")).toEqual(without.get("top_conv/kernel"));
  });

  it("pass the check that lists missing, misshapen and surplus tensors", () => {
    const weights = randomWeights(graph, 1);
    expect(() => checkWeights(graph, weights)).not.toThrow();
    weights.delete("hidden/bias");
    weights.set("logits/kernel", { shape: [7, 8], data: new Float32Array(56) });
    weights.set("extra/kernel", { shape: [1], data: new Float32Array(1) });
    expect(() => checkWeights(graph, weights)).toThrow(
      "missing hidden/bias [8]; logits/kernel is [7, 8], expected [8, 7]; surplus extra/kernel",
    );
  });
});
