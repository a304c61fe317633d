import { test } from "vitest";
import { expectSameGradients } from "./expect-gradients.test.helper.ts";
import { NETWORKS } from "./gradient-networks.test.helper.ts";
import { drawnBatch, drawnWeights } from "./gradients.test.helper.ts";

test.each(Object.entries(NETWORKS))("gradients of %s: those of TensorFlow.js", async (_name, graph) => {
  const model = { graph, weights: drawnWeights(graph, 3) };
  await expectSameGradients({ model, isTrainable: () => true, ...drawnBatch(model, 5, 7) }, 2);
});
