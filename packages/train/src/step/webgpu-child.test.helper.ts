/**
 * Trains on WebGPU and on the CPU, in a process of its own, whose environment names the adapter. Prints JSON:
 * `{ unavailable: reason }`, or what `WebGpuSteps` has.
 */
import { FerBenchError } from "@fer-bench/artifacts";
import { findRuntime } from "@fer-bench/models";
import { NETWORKS } from "./gradient-networks.test.helper.ts";
import { compareGradients, drawnBatch, drawnWeights } from "./gradients.test.helper.ts";

const t0 = performance.now();
await findRuntime({ device: "webgpu" });
for (const [name, graph] of Object.entries(NETWORKS)) {
  const model = { graph, weights: drawnWeights(graph, 3) };
  const found = await compareGradients({ model, isTrainable: () => true, device: "webgpu", runsOn: "webgpu", ...drawnBatch(model, 5, 7) });
  console.log(name, found, performance.now() - t0);
}
