import { expect, test } from "vitest";
import { NETWORKS } from "./gradient-networks.test.helper.ts";
import { compareGradients, drawnBatch, drawnWeights } from "./gradients.test.helper.ts";
import { referenceGradients } from "./tfjs-reference.test.helper.ts";

test.each(Object.entries(NETWORKS))("gradients of %s: those of TensorFlow.js", async (_name, graph) => {
  const model = { graph, weights: drawnWeights(graph, 3) };
  const request = { model, isTrainable: () => true, ...drawnBatch(model, 5, 7) };
  const expected = await referenceGradients(request);
  for (const device of ["cpu", "webgpu"] as const) {
    const found = await compareGradients({ ...request, device }, expected);
    expect(found.loss, device).toBeLessThan(1e-5);
    expect(found.logits, device).toBeLessThan(1e-4);
    expect(found.statistic, device).toBeLessThan(1e-4);
    expect(found.gradient.difference, `${found.gradient.name}, ${device}`).toBeLessThan(1e-3);
    expect(found.parameters).toBeGreaterThan(2);
  }
});
