/**
 * Speed of a training step of EfficientNet-B0, all layers trainable, next to PyTorch's on the same cores: rounds
 * alternate between the two, and within PyTorch between its two memory formats, of which the faster counts. Peak memory
 * is this process's. Without a python3 that has torch and torchvision (Debian's python3-torch, python3-torchvision), it
 * measures itself alone and says so.
 *
 *   node --conditions=@fer-bench/source --import tsx benchmarks/perf/train-step.bench.ts [--json]
 *        [--size 48] [--batch 64] [--threads N] [--steps 6] [--rounds 5] [--python /usr/bin/python3]
 */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { availableParallelism, cpus } from "node:os";
import { createInterface } from "node:readline";
import { createRandom, randomInt } from "@fer-bench/artifacts";
import { classifierHead, findBackbone, joinGraphs, randomWeights } from "@fer-bench/models";
import { createNetworkTrainer } from "@fer-bench/train";
import { flags, numberFlag } from "./flags.ts";
import { median, peakMemoryMegabytes, seconds } from "./measure.ts";

const [size, batch, steps] = [numberFlag("size", 48), numberFlag("batch", 64), numberFlag("steps", 6)];
const threads = numberFlag("threads", availableParallelism());
const rounds = numberFlag("rounds", 5);

const ours = await startOurs();
const torch = await startTorch();
await ours.run(2);
const rates: Record<string, number[]> = { ours: [], contiguous: [], "channels-last": [] };
for (let round = 0; round < rounds; round++) {
  rates.ours!.push((batch * steps) / (await seconds(() => ours.run(steps))));
  for (const format of torch ? ["contiguous", "channels-last"] : []) {
    rates[format]!.push((batch * steps) / (await torch!.run(format, steps)));
  }
  process.stderr.write(`round ${round + 1} of ${rounds}\n`);
}
await ours.close();
torch?.close();

const medians = Object.fromEntries(Object.entries(rates).map(([name, values]) => [name, median(values)]));
const faster = medians["channels-last"]! > medians.contiguous! ? "channels-last" : "contiguous";
const result = {
  network: `EfficientNet-B0, ${size}x${size}, batch ${batch}, all layers trainable`,
  cpu: cpus()[0]?.model ?? "unknown",
  threads,
  imagesPerSecond: { ours: medians.ours, rounds: rates },
  torch: torch && {
    version: torch.version,
    faster,
    ratio: median(rates.ours!.map((rate, i) => rate / rates[faster]![i]!)),
  },
  finalLoss: ours.loss(),
  peakMemoryMegabytes: Math.round(peakMemoryMegabytes()),
};
process.stdout.write(flags.json ? `${JSON.stringify(result, null, 2)}\n` : table());

async function startOurs() {
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
    batch,
    isTrainable: () => true,
    optimizer: { kind: "sgd", momentum: 0.9, nesterov: false, weightDecay: 0 },
    clipNorm: null,
    accumulate: 1,
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
  const script = new URL("./torch_train_step.py", import.meta.url).pathname;
  const child = spawn(
    flags.python ?? "/usr/bin/python3",
    [script, String(size), String(batch), String(threads)],
    {
      // Threads that wait do not spin: else they would take the cores in our turns.
      env: { ...process.env, OMP_WAIT_POLICY: "passive" },
    },
  );
  const answer = lineReader(child);
  const first = await answer();
  if (first === undefined || !first.startsWith("ready ")) {
    process.stderr.write("PyTorch is not measured: no python3 here that has torch and torchvision\n");
    child.kill();
    return undefined;
  }
  return {
    version: first.slice("ready ".length),
    async run(format: string, count: number): Promise<number> {
      child.stdin.write(`${format} ${count}\n`);
      return Number(await answer());
    },
    close: () => child.kill(),
  };
}

/** The next line of a process, undefined once it has ended. */
function lineReader(child: ChildProcessWithoutNullStreams): () => Promise<string | undefined> {
  child.on("error", () => {});
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return async () => {
    const { value, done } = await lines.next();
    return done ? undefined : value;
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
    row("fer-bench", rates.ours!),
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
