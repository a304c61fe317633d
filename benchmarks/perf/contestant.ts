/**
 * One engine with one EfficientNet in a process of its own, so that its peak memory is nobody else's. Started by
 * engines.bench.ts as `contestant.ts <contestant> <variant> <size> <threads>`; says when it is ready, and answers each
 * `Round` with what it measured.
 */
import {
  createFeatureExtractor,
  type EfficientNetVariant,
  efficientnet,
  type Model,
  type PictureShape,
  type Predictor,
  randomWeights,
  toLayersModel,
} from "@fer-bench/models";
import * as core from "@tensorflow/tfjs-core";
import * as layers from "@tensorflow/tfjs-layers";
import { peakMemoryMegabytes, samplePictures } from "./measure.ts";

/**
 * `onnx` is the library's default. `tfjs-wasm` is the graph as a TensorFlow.js LayersModel that predicts batch after
 * batch, with SIMD; its backend has no threads in Node. `tfjs-wasm-threads` is what the library makes of it as its
 * second engine: batch norm folded, one network a core.
 */
export type Contestant = "onnx" | "tfjs-wasm" | "tfjs-wasm-threads";

export interface Ready {
  /** Seconds to build the graph and draw its weights, and from there until pictures can be handed in. */
  drawSeconds: number;
  startSeconds: number;
}

/** A round ends after so many images or seconds. */
export interface Round {
  images: number;
  seconds: number;
}

export interface Measured {
  imagesPerSecond: number;
  peakMemoryMegabytes: number;
}

/** TensorFlow.js is fastest, or as fast as with any other from 2 to 64, with this one from B0 to B7. */
const TFJS_BATCH = 16;
const ONNX_BATCH = 32;

interface Network {
  /** Pictures that are handed in together. */
  chunk: number;
  run(pictures: Uint8Array): Promise<unknown>;
}

const [contestant, variant, size, threads] = process.argv.slice(2) as [
  string,
  EfficientNetVariant,
  string,
  string,
];
const input: PictureShape = { height: Number(size), width: Number(size), channels: 1 };
const start = performance.now();
const graph = efficientnet({ variant, input });
const model = { graph, weights: randomWeights(graph, 1) };
const drawn = performance.now();
const network = await open(contestant as Contestant, model, Number(threads));
const ready = performance.now();
const pictures = samplePictures(input, network.chunk);
process.on("message", async (round: Round) => reply(await measure(round)));
reply({ drawSeconds: (drawn - start) / 1000, startSeconds: (ready - drawn) / 1000 });

function reply(message: Ready | Measured): void {
  process.send!(message);
}

async function measure({ images, seconds }: Round): Promise<Measured> {
  const begin = performance.now();
  let done = 0;
  do {
    await network.run(pictures);
    done += network.chunk;
  } while (done < images && performance.now() - begin < 1000 * seconds);
  const imagesPerSecond = (1000 * done) / (performance.now() - begin);
  return { imagesPerSecond, peakMemoryMegabytes: peakMemoryMegabytes() };
}

async function open(name: Contestant, network: Model, cores: number): Promise<Network> {
  if (name === "tfjs-wasm") return openLayersModel(network);
  const engine = name === "onnx" ? "onnx" : "tfjs";
  const batchSize = name === "onnx" ? ONNX_BATCH : TFJS_BATCH;
  const extractor = await createFeatureExtractor({ ...network, engine, batchSize, threads: cores });
  return ofPredictor(extractor, batchSize * cores * (name === "onnx" ? 4 : 1));
}

function ofPredictor(extractor: Predictor, chunk: number): Network {
  return { chunk, run: (batch) => extractor.run(batch, chunk) };
}

async function openLayersModel(network: Model): Promise<Network> {
  await import("@tensorflow/tfjs-backend-wasm");
  core.enableProdMode();
  await core.setBackend("wasm");
  const layersModel = toLayersModel({ ...core, ...layers }, network);
  return {
    chunk: TFJS_BATCH,
    async run(batch) {
      const x = core.tensor(Float32Array.from(batch), [TFJS_BATCH, input.height, input.width, 1]);
      const features = layersModel.predictOnBatch(x) as core.Tensor;
      await features.data();
      core.dispose([x, features]);
    },
  };
}
