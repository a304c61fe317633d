import { expect } from "vitest";
import { compareGradients } from "./gradients.test.helper.ts";
import { type ReferenceRequest, referenceGradients } from "./tfjs-reference.test.helper.ts";

/**
 * Expects TensorFlow.js's gradients of the step by the operators for the CPU and for a GPU, of more parameters than
 * `fewest`.
 */
export async function expectSameGradients(request: ReferenceRequest, fewest: number): Promise<void> {
  const expected = await referenceGradients(request);
  for (const device of ["cpu", "webgpu"] as const) {
    const found = await compareGradients({ ...request, device }, expected);
    expect(found.loss, device).toBeLessThan(1e-5);
    expect(found.logits, device).toBeLessThan(1e-4);
    expect(found.statistic, device).toBeLessThan(1e-4);
    expect(found.gradient.difference, `${found.gradient.name}, ${device}`).toBeLessThan(1e-3);
    expect(found.parameters).toBeGreaterThan(fewest);
  }
}
