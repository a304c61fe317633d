/**
 * Speed of a training step of EfficientNet-B0, all layers trainable, next to PyTorch's on the same cores: rounds
 * alternate between ours in its two forms (a replica of one thread a core, each with its share of the samples and
 * batch norms of its own; one graph on all cores) and PyTorch's two memory formats; of each the faster counts. Peak memory
 * is this process's. Without a python3 that has torch and torchvision (Debian's python3-torch, python3-torchvision), it
 * measures itself alone and says so.
 *
 *   node --conditions=@fer-bench/source --import tsx benchmarks/perf/train-step.bench.ts [--json]
 *        [--size 48] [--batch 64] [--threads N] [--steps 6] [--rounds 5] [--python /usr/bin/python3]
 */
import { availableParallelism, cpus } from "node:os";
import { createRandom, randomInt } from "@fer-bench/artifacts";
import { classifierHead, findBackbone, joinGraphs, randomWeights } from "@fer-bench/models";
import { createNetworkTrainer } from "@fer-bench/train";
import { flags, numberFlag } from "./flags.ts";
import { median, peakMemoryMegabytes, seconds } from "./measure.ts";
import { startPython } from "./start-python.ts";

const [size, batch, steps] = [numberFlag("size", 48), numberFlag("batch", 64), numberFlag("steps", 6)];
const threads = numberFlag("threads", availableParallelism());
const rounds = numberFlag("rounds", 5);

/** As many as there are threads, or fewer that share the batch evenly. */
const replicas = Array.from({ length: threads }, (_, i) => threads - i).find((count) => batch % count === 0)!;
const ours = { replicas: await startOurs(replicas), whole: await startOurs(1) };
const torch = await startTorch();
const rates: Record<string, number[]> = { replicas: [], whole: [], contiguous: [], "channels-last": [] };
for (const form of Object.values(ours)) await form.run(2);
for (let round = 0; round < rounds; round++) {
  for (const [name, form] of Object.entries(ours)) {
    rates[name]!.push((batch * steps) / (await seconds(() => form.run(steps))));
  }
  for (const format of torch ? ["contiguous", "channels-last"] : []) {
    rates[format]!.push((batch * steps) / (await torch!.run(format, steps)));
  }
  process.stderr.write(`round ${round + 1} of ${rounds}\n`);
}
for (const form of Object.values(ours)) await form.close();
torch?.close();

const medians = Object.fromEntries(Object.entries(rates).map(([name, values]) => [name, median(values)]));
const ourFaster = medians.replicas! > medians.whole! ? "replicas" : "whole";
const faster = medians["channels-last"]! > medians.contiguous! ? "channels-last" : "contiguous";
const result = {
  network: `EfficientNet-B0, ${size}x${size}, batch ${batch}, all layers trainable`,
  cpu: cpus()[0]?.model ?? "unknown",
  threads,
  imagesPerSecond: { ...medians, rounds: rates },
  faster: ourFaster,
  torch: torch && {
    version: torch.version,
    faster,
    ratio: median(rates[ourFaster]!.map((rate, i) => rate / rates[faster]![i]!)),
  },
  finalLoss: ours[ourFaster].loss(),
  peakMemoryMegabytes: Math.round(peakMemoryMegabytes()),
};
process.stdout.write(flags.json ? `${JSON.stringify(result, null, 2)}\n` : table());

/** Ours with this many replicas. */
async function startOurs(replicas: number) {
  const backbone = await findBackbone("efficientnet-b0.random").create({
    input: { height: size, width: size, channels: 1 },
    seed: 1,
  });
  const head = classifierHead({
    inputs: 1280,
    classes: 7,
    hidden: null,
    activation: "relu",
    dropout: 0.2,
    standardize: false,
    softmax: false,
  });
  const trainer = await createNetworkTrainer({
    model: {
      graph: joinGraphs("efficientnet-b0", backbone.graph, head),
      weights: new Map([...backbone.weights, ...randomWeights(head, 1)]),
    },
    batch: batch / replicas,
    isTrainable: () => true,
    optimizer: { kind: "sgd", momentum: 0.9, nesterov: false, weightDecay: 0 },
    clipNorm: null,
    accumulate: replicas,
    averageDecay: null,
    seed: 1,
    threads,
  });
  const random = createRandom("train-step.bench");
  const samples = Uint8Array.from({ length: batch * size * size }, () => randomInt(random, 256));
  const targets = new Float32Array(batch * 7);
  for (let i = 0; i < batch; i++) targets[i * 7 + (i % 7)] = 1;
  let loss = Number.NaN;
  return {
    async run(count: number) {
      for (let i = 0; i < count; i++) loss = (await trainer.step({ samples, targets }, 0.01)).loss;
    },
    loss: () => loss,
    close: () => trainer.close(),
  };
}

async function startTorch() {
  const python = await startPython("./torch_train_step.py", [size, batch, threads], {
    threads,
    missing: "PyTorch is not measured: no python3 here that has torch and torchvision",
  });
  if (python === undefined) return undefined;
  const { version, ask, close } = python;
  return {
    version,
    run: async (format: string, count: number) => Number(await ask(`${format} ${count}`)),
    close,
  };
}

function table(): string {
  const row = (name: string, values: readonly number[]) =>
    name.padEnd(24) +
    median(values).toFixed(0).padStart(10) +
    Math.max(...values)
      .toFixed(0)
      .padStart(10);
  const lines = [
    result.network,
    `${result.cpu}, ${threads} threads${torch ? `, ${torch.version}` : ""}`,
    `${"images/s".padEnd(24)}${"median".padStart(10)}${`best of ${rounds}`.padStart(10)}`,
    row("fer-bench, replicas", rates.replicas!),
    row("fer-bench, one graph", rates.whole!),
  ];
  if (torch) {
    lines.push(
      row("PyTorch, contiguous", rates.contiguous!),
      row("PyTorch, channels-last", rates["channels-last"]!),
    );
    lines.push(
      `${result.torch!.ratio.toFixed(2)} times PyTorch's faster format (${faster}), median of the rounds`,
    );
  }
  lines.push(`peak memory ${result.peakMemoryMegabytes} MB`, "");
  return lines.join("\n");
}
