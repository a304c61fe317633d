import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { encodeSafetensors } from "@fer-bench/artifacts";
import {
  classifierHead,
  openTensorFile,
  randomWeights,
  readClassifier,
  type TensorFile,
  writeClassifier,
} from "@fer-bench/models";
import fc from "fast-check";
import { linearClassifier } from "../../../packages/models/src/classifier/sample-classifier.test.support.ts";
import { openKerasFile } from "../../../packages/models/src/weights/keras-file.ts";
import { writeKerasFile } from "../../../packages/models/src/weights/keras-writer.test.support.ts";
import { readFivePoints } from "../../../packages/preprocess/src/landmarks/five-points.ts";
import { parseShapePredictor } from "../../../packages/preprocess/src/landmarks/read-shape-predictor.ts";
import { extremeNumber, integerBytes } from "../damage.ts";
import { oddJson, oddJsonText } from "../odd-json.ts";
import type { Parser } from "../parser.ts";
import { oddSafetensors } from "./arrays.ts";
import { fromFolder, repositoryFile } from "./examples.ts";

/** The HDF5 library is given up on after this; the reader's own patience is a minute. */
const PATIENCE_MS = 10_000;

/** Weights and landmarks, ours and others'. */
export const networks: readonly Parser[] = [
  {
    name: "Keras's HDF5",
    file: "weights.h5",
    onDisk: true,
    examples: () =>
      fromFolder(async (folder) => {
        const graph = classifierHead({
          inputs: 4,
          classes: 2,
          hidden: 3,
          activation: "relu",
          dropout: 0,
          standardize: true,
          softmax: true,
        });
        await writeKerasFile(join(folder, "a.h5"), graph, randomWeights(graph, 1));
        return ["a.h5"];
      }),
    read: async ({ path }) => readTensors(await openKerasFile(path, { patienceMs: PATIENCE_MS })),
  },
  {
    name: "weights of any format",
    file: "weights.safetensors",
    onDisk: true,
    examples: async () => [
      encodeSafetensors(new Map([["w", { dtype: "BF16", shape: [2], data: Uint16Array.of(0x3f80, 0) }]])),
      Buffer.from("PK\x03\x04........archive/data.pkl", "latin1"),
      Buffer.from("\x80\x02}q\x00.", "latin1"),
      Buffer.from("<!doctype html><title>Not found</title>"),
      gzipSync("weights"),
    ],
    grammar: (examples) => oddSafetensors(examples.slice(0, 1)),
    read: async ({ path }) => readTensors(await openTensorFile(path)),
  },
  {
    name: "classifier (graph in safetensors)",
    file: "classifier.safetensors",
    onDisk: true,
    examples: () =>
      fromFolder(async (folder) => {
        await writeClassifier(join(folder, "a"), linearClassifier());
        return ["a"];
      }),
    grammar: ([example]) => oddGraph(example!),
    read: ({ path }) => readClassifier(path),
  },
  {
    name: "five landmarks (safetensors)",
    file: "five-points.safetensors",
    onDisk: true,
    examples: async () => [
      await readFile(repositoryFile("packages/preprocess/weights/five-points.safetensors")),
    ],
    grammar: oddSafetensors,
    read: ({ path }) => readFivePoints(path),
  },
  {
    name: "dlib's .dat",
    file: "landmarks.dat",
    examples: async () => [await readFile(repositoryFile("packages/preprocess/test/dlib-five-points.dat"))],
    grammar: ([example]) => oddDlib(Buffer.from(example!)),
    read: ({ bytes, path }) => parseShapePredictor(bytes, path),
  },
];

async function readTensors(file: TensorFile): Promise<void> {
  try {
    for (const name of file.tensors.keys()) await file.read(name);
  } finally {
    await file.close();
  }
}

/** One or two of dlib's integers, each in the bytes of the length that its control byte says, become others. */
function oddDlib(example: Buffer): fc.Arbitrary<Uint8Array> {
  const starts: number[] = [];
  for (let at = 0; at < example.length; at += 1 + (example[at]! & 15)) starts.push(at);
  const encoded = extremeNumber.map((value) => {
    const size = BigInt(Math.abs(Math.trunc(value))) >> 32n ? 8 : 4;
    const magnitude = BigInt(Math.min(Math.abs(Math.trunc(value)), 2 ** 64 - 2048));
    return Buffer.concat([Buffer.of(size | (value < 0 ? 0x80 : 0)), integerBytes(magnitude, size, true)]);
  });
  const where = fc.oneof(fc.nat(30), fc.nat(starts.length - 1));
  return fc.array(fc.tuple(where, encoded), { minLength: 1, maxLength: 2 }).map((changes) => {
    const pieces = starts.map((at, i) => example.subarray(at, starts[i + 1] ?? example.length));
    for (const [at, integer] of changes) pieces[at % pieces.length] = integer;
    return Buffer.concat(pieces);
  });
}

/** Graphs, classes and cards that are JSON of another kind, in a file that is whole. */
function oddGraph(example: Uint8Array): fc.Arbitrary<Uint8Array> {
  const whole = Buffer.from(example);
  const end = 8 + Number(whole.readBigUInt64LE());
  const header = JSON.parse(whole.toString("utf8", 8, end)) as { __metadata__: Record<string, string> };
  const fields = ["graph", "graph", "graph", "classes", "card"];
  return fc.constantFrom(...fields).chain((field) =>
    oddJson([JSON.parse(header.__metadata__[field]!)]).map((value) => {
      const metadata = { ...header.__metadata__, [field]: oddJsonText(value) };
      const json = Buffer.from(JSON.stringify({ ...header, __metadata__: metadata }));
      return Buffer.concat([integerBytes(BigInt(json.length), 8, true), json, whole.subarray(end)]);
    }),
  );
}
