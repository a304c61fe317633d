/**
 * Trains on WebGPU and on the CPU, in a process of its own, whose environment names the adapter. Prints JSON:
 * `{ unavailable: reason }`, or a `WebGpuSteps`.
 */
import { FerBenchError } from "@fer-bench/artifacts";
import { createPredictor, type Device, findRuntime, inputOf } from "@fer-bench/models";
import { NETWORKS } from "./gradient-networks.test.helper.ts";
import { compareGradients, drawnBatch, drawnWeights } from "./gradients.test.helper.ts";
import { createNetworkTrainer } from "./network-trainer.ts";
import { droppingModel, trainSteps } from "./trained-steps.test.helper.ts";
import type { NetworkTrainerOptions, TrainerState } from "./trainer.ts";

export interface WebGpuSteps {
  unavailable?: string;
  /** Largest relative difference of a gradient to TensorFlow.js's, by network. */
  gradients?: Record<string, number>;
  cpu?: Trained;
  webgpu?: Trained;
  /** The last five steps on WebGPU once more, from the state after the first five. */
  resumed?: Trained;
}

interface Trained {
  losses: number[];
  /** Of the classifier's kernel. */
  kernel: number[];
  /** Of samples, with the trained weights, while the trainer is open. */
  logits: number[];
}

/** Whose operators are not in the steps; each costs seconds for its shaders. */
const COMPARED = ["depthwise 3x3, large, stride 2", "squeeze and excite"];

const OPTIONS: NetworkTrainerOptions = {
  model: droppingModel,
  batch: 4,
  isTrainable: () => true,
  optimizer: { kind: "adamw", beta1: 0.9, beta2: 0.99, epsilon: 1e-6, weightDecay: 0.05 },
  clipNorm: 0.5,
  accumulate: 2,
  averageDecay: 0.9,
  seed: 5,
  threads: 1,
};
const [HALF, STEPS] = [5, 10];

try {
  await findRuntime({ device: "webgpu" });
  print(await compare());
} catch (error) {
  if (!(error instanceof FerBenchError) || error.code !== "unavailable") throw error;
  print({ unavailable: error.message });
}

async function compare(): Promise<WebGpuSteps> {
  const gradients: Record<string, number> = {};
  for (const name of COMPARED) {
    const graph = NETWORKS[name]!;
    const model = { graph, weights: drawnWeights(graph, 3) };
    const on = { isTrainable: () => true, device: "webgpu", runsOn: "webgpu" } as const;
    const { gradient, statistic } = await compareGradients({ model, ...on, ...drawnBatch(model, 5, 7) });
    gradients[name] = Math.max(gradient.difference, statistic);
  }
  const { trained: cpu } = await train("cpu");
  const { trained: webgpu, halfWay } = await train("webgpu");
  const { trained: resumed } = await train("webgpu", halfWay);
  return { gradients, cpu, webgpu, resumed };
}

async function train(
  device: Device,
  from?: TrainerState,
): Promise<{ trained: Trained; halfWay: TrainerState }> {
  const trainer = await createNetworkTrainer({ ...OPTIONS, device });
  if (from) await trainer.restore(from);
  const rate = 0.05;
  const first = from ? [] : await trainSteps(trainer, OPTIONS, { to: HALF, rate });
  const halfWay = await trainer.state();
  const second = await trainSteps(trainer, OPTIONS, { from: HALF, to: STEPS, rate });
  const weights = await trainer.weights();
  const { graph } = droppingModel;
  const predictor = await createPredictor({ graph, weights, device, batchSize: 2, threads: 1 });
  const samples = Uint8Array.from({ length: 2 * inputOf(graph).shape.reduce((a, b) => a * b) }, (_, i) => i);
  const logits = [...(await predictor.run(samples, 2))];
  await predictor.close();
  await trainer.close();
  const kernel = [...weights.get("logits/kernel")!.data];
  return { trained: { losses: [...first, ...second], kernel, logits }, halfWay };
}

function print(result: WebGpuSteps): void {
  process.stdout.write(`${JSON.stringify(result)}\n`);
}
