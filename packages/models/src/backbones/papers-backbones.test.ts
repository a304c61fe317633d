import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { interpretLayers } from "../graph/interpreter.test.support.ts";
import { countParameters } from "../graph/parameters.ts";
import { calibrated, pictures, relativeDifference } from "../graph/sample-data.test.support.ts";
import { findBackbone } from "../index.ts";
import { runEveryLayer } from "../onnx/lowered.test.support.ts";
import { createPredictor } from "../run/predictor.ts";
import { formulaPictures, formulaWeights } from "./formula.test.support.ts";

interface Network {
  name: string;
  gamma: number;
  /** As the script counted them. */
  parameters: number;
  /** Of the features every so-manyth is kept. */
  every: number;
  cases: { count: number; height: number; width: number; features: number[][] }[];
}

/** Made by tools/fixtures/papers_backbones.py. */
const { networks } = JSON.parse(
  readFileSync(new URL("../../test/golden/papers-backbones.json", import.meta.url), "utf8"),
) as { networks: Network[] };

describe.each(networks)("$name", ({ name, gamma, every, cases, parameters }) => {
  const { graph: graphFor } = findBackbone(`${name}.random`);
  const weights = new Map(formulaWeights(graphFor({ height: 64, width: 64, channels: 3 }), gamma));
  const factors = weights.get("bn_data/gamma");
  factors?.data.fill(1);

  it("has the parameters of the network written from its paper", () => {
    const unknown = factors?.data.length ?? 0;
    expect(countParameters(graphFor({ height: 64, width: 64, channels: 3 }))).toBe(parameters + unknown);
  });

  // A batch of 16 is laid out by channels where pictures are small, another by images.
  it.each(cases.map((given) => ({ ...given, batchSize: given.count === 1 ? 16 : given.count })))(
    "gives its features at $height x $width, $batchSize at a time",
    async ({ count, height, width, features, batchSize }) => {
      const graph = graphFor({ height, width, channels: 3 });
      const predictor = await createPredictor({ graph, weights, batchSize, threads: 1 });
      const result = await predictor.run(formulaPictures(count, height, width), count);
      await predictor.close();
      // Rows are whole multiples of what is kept.
      expect(predictor.dimensions % every).toBe(0);
      const kept = result.filter((_, i) => i % every === 0);
      expect(relativeDifference(kept, features.flat())).toBeLessThan(1e-4);
    },
  );
});

describe.each(["resnet-18", "xception", "resnet-34v2"])("%s, calibrated", (name) => {
  it("is what the plain interpreter computes, layer by layer", async () => {
    const model = await calibrated(
      findBackbone(`${name}.random`).graph({ height: 32, width: 33, channels: 1 }),
    );
    const [sample] = pictures(model.graph, 1) as [Uint8Array];
    const plain = interpretLayers(model.graph, model.weights, [sample]);
    const fast = await runEveryLayer(model, sample);
    for (const layer of model.graph.layers) {
      const difference = relativeDifference(fast.get(layer.name)!, plain.get(layer.name)![0]!);
      expect(difference, layer.name).toBeLessThan(1e-4);
    }
  });
});
