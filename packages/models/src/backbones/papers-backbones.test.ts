import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { interpretLayers } from "../graph/interpreter.test.support.ts";
import { countParameters } from "../graph/parameters.ts";
import { calibrated, pictures, relativeDifference } from "../graph/sample-data.test.support.ts";
import { findBackbone, listBackbones } from "../index.ts";
import { runEveryLayer } from "../onnx/lowered.test.support.ts";
import { createPredictor } from "../run/predictor.ts";
import { formulaPictures, formulaWeights } from "./formula.test.support.ts";

interface Network {
  name: string;
  /** Of the pictures: the first so many of the formula's. */
  channels: 1 | 3;
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

/** By its architecture's name, with whatever weights it is registered. */
function graphOf(name: string) {
  return listBackbones().find((entry) => entry.name.startsWith(`${name}.`))!.graph;
}

describe.each(networks)("$name", ({ name, channels, gamma, every, cases, parameters }) => {
  const graph = graphOf(name)({ height: 48, width: 48, channels });
  const weights = new Map(formulaWeights(graph, gamma));
  // The one batch norm that does not scale: a parameter here, and none in the paper's network.
  const factors = weights.get("bn_data/gamma")?.data.fill(1);

  it("has the parameters of the network written from its paper", () => {
    expect(countParameters(graph) - (factors?.length ?? 0)).toBe(parameters);
  });

  // A batch of 16 is laid out by channels where pictures are small, another by images.
  it.each(cases.map((given) => ({ ...given, batchSize: given.count === 1 ? 16 : given.count })))(
    "gives its features at $height x $width, $batchSize at a time",
    async ({ count, height, width, features, batchSize }) => {
      const predictor = await createPredictor({
        graph: graphOf(name)({ height, width, channels }),
        weights,
        batchSize,
        threads: 1,
      });
      const samples = formulaPictures(count, height, width).filter((_, i) => i % 3 < channels);
      const result = await predictor.run(samples, count);
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
