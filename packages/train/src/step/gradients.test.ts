import { describe, expect, test } from "vitest";
import { NETWORKS } from "./gradient-networks.test.helper.ts";
import { compareGradients, drawnBatch, drawnWeights } from "./gradients.test.helper.ts";

describe.each(["cpu", "webgpu"] as const)("gradients of the step, by the operators for %s", (device) => {
  test.each(Object.entries(NETWORKS))("%s: those of TensorFlow.js", async (_name, graph) => {
    const model = { graph, weights: drawnWeights(graph, 3) };
    const batch = drawnBatch(model, 5, 7);
    const found = await compareGradients({ model, isTrainable: () => true, device, ...batch });
    expect(found.loss).toBeLessThan(1e-5);
    expect(found.logits).toBeLessThan(1e-4);
    expect(found.statistic).toBeLessThan(1e-4);
    expect(found.gradient.difference, found.gradient.name).toBeLessThan(1e-3);
    expect(found.parameters).toBeGreaterThan(2);
  });
});
