/**
 * Features of EfficientNet-B0 to B7 by ONNX Runtime and by TensorFlow.js's WebAssembly backend: images/s in alternating
 * rounds, peak memory of each in a process of its own, and the time until the first picture can be handed in. The
 * weights are random: speed does not depend on them.
 *
 *   node --conditions=@fer-bench/source --import tsx benchmarks/perf/engines.bench.ts [--json]
 *        [--variants b0,b1,b2,b3,b4,b5,b6,b7] [--size 48] [--threads N] [--rounds 3] [--images 4096]
 *
 * A round ends after `--images` or a second, whichever is first, and after one batch at least.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { availableParallelism, cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { EFFICIENTNET_VARIANTS } from "@fer-bench/models";
import type { Contestant, Measured, Ready, Round } from "./contestant.ts";
import { flags, numberFlag } from "./flags.ts";
import { summary } from "./measure.ts";

const CONTESTANTS: readonly Contestant[] = ["onnx", "tfjs-wasm", "tfjs-wasm-threads"];
const variants = flags.variants?.split(",") ?? Object.keys(EFFICIENTNET_VARIANTS);
const size = numberFlag("size", 48);
const threads = numberFlag("threads", availableParallelism());
const rounds = numberFlag("rounds", 3);
const round: Round = { images: numberFlag("images", 4096), seconds: 1 };

const results: Awaited<ReturnType<typeof compare>>[] = [];
for (const variant of variants) results.push(await compare(variant));
const result = {
  input: `${size}x${size}x1`,
  cpu: cpus()[0]?.model ?? "unknown",
  threads,
  rounds,
  variants: results,
};
process.stdout.write(flags.json ? `${JSON.stringify(result, null, 2)}\n` : table());

async function compare(variant: string) {
  const running = new Map<Contestant, Awaited<ReturnType<typeof start>>>();
  try {
    // One after the other, so that each has the machine for itself.
    for (const contestant of CONTESTANTS) {
      say(`${variant}: ${contestant} starts`);
      const one = await start(contestant, variant);
      running.set(contestant, one);
      await one.measure();
    }
    for (let i = 0; i < rounds; i++) {
      say(`${variant}: round ${i + 1} of ${rounds}`);
      for (const one of running.values()) one.measured.push(await one.measure());
    }
  } finally {
    for (const { child } of running.values()) child.kill();
  }
  const ratesOf = (contestant: Contestant) =>
    running.get(contestant)!.measured.map(({ imagesPerSecond }) => imagesPerSecond);
  const engines = [...running].map(([contestant, { ready, measured }]) => ({
    engine: contestant,
    imagesPerSecond: summary(ratesOf(contestant)),
    onnxIsFaster: summary(ratesOf("onnx").map((rate, i) => rate / ratesOf(contestant)[i]!)),
    peakMemoryMegabytes: Math.max(...measured.map(({ peakMemoryMegabytes }) => peakMemoryMegabytes)),
    ...ready,
  }));
  return { variant, engines };
}

async function start(contestant: Contestant, variant: string) {
  const file = fileURLToPath(new URL("./contestant.ts", import.meta.url));
  const child = fork(file, [contestant, variant, String(size), String(threads)]);
  const ready = await next<Ready>(child, contestant);
  return {
    child,
    ready,
    measured: [] as Measured[],
    measure() {
      child.send(round);
      return next<Measured>(child, contestant);
    },
  };
}

/** What a child says next; an error where it ends instead. */
async function next<Message>(child: ChildProcess, name: string): Promise<Message> {
  const stop = new AbortController();
  const { signal } = stop;
  try {
    return await Promise.race([
      once(child, "message", { signal }).then(([message]) => message as Message),
      once(child, "exit", { signal }).then(([status]) => {
        throw new Error(`${name} ended with status ${status}`);
      }),
    ]);
  } finally {
    stop.abort();
  }
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

function table(): string {
  const header = [
    ["", "onnx", "", "", "tfjs-wasm", "", "", "the same, folded,", "", ""],
    ["", "", "", "", "(LayersModel)", "", "", `${threads} threads`, "", ""],
    ["", "images/s", "MB", "ready, s", "images/s", "MB", "ratio", "images/s", "MB", "ratio"],
  ];
  const rows = results.map(({ variant, engines }) => {
    const [onnx, ...others] = engines;
    const { drawSeconds, startSeconds } = onnx!;
    return [
      variant,
      perSecond(onnx!),
      onnx!.peakMemoryMegabytes.toFixed(0),
      (drawSeconds + startSeconds).toFixed(2),
      ...others.flatMap((other) => [
        perSecond(other),
        other.peakMemoryMegabytes.toFixed(0),
        other.onnxIsFaster.median.toFixed(1),
      ]),
    ];
  });
  const widths = [4, 10, 8, 10, 15, 8, 8, 19, 8, 8];
  const lines = [...header, ...rows].map((cells) =>
    cells
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
      .join("")
      .trimEnd(),
  );
  return [
    `features at ${size}x${size}, ${result.cpu}, ${threads} threads, medians of ${rounds} alternating rounds`,
    ...lines,
    "MB: peak memory of the engine's own process; ready: weights drawn, sessions started; ratio: onnx to it, by rounds",
    "",
  ].join("\n");
}

function perSecond({ imagesPerSecond }: { imagesPerSecond: { median: number } }): string {
  const rate = imagesPerSecond.median;
  return rate.toFixed(rate < 100 ? 1 : 0);
}
