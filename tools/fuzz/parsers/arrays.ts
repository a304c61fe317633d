import { dirname, join } from "node:path";
import {
  type Column,
  decodeSafetensors,
  encodeSafetensors,
  openNpy,
  openSafetensors,
  readNpy,
  readParquet,
  readParquetColumns,
  type Tensor,
  writeNpy,
  writeParquet,
} from "@fer-bench/artifacts";
import { readHeadCheckpoint, writeHeadCheckpoint } from "@fer-bench/train";
import fc from "fast-check";
import { writeEvaluation } from "../../../packages/report/src/finished-stages.test.helper.ts";
import { readPredictions } from "../../../packages/report/src/read-evaluation.ts";
import { readResumePoint, writeResumePoint } from "../../../packages/train/src/finetune/resume-point.ts";
import { readSamples, writeSamples } from "../../../packages/train/src/samples.ts";
import { extremeNumber } from "../damage.ts";
import { oddJson, oddJsonText } from "../odd-json.ts";
import type { Parser } from "../parser.ts";
import { fromFolder } from "./examples.ts";

const TENSORS = new Map<string, Tensor>([
  ["u8", { dtype: "U8", shape: [3], data: Uint8Array.of(1, 2, 255) }],
  ["f16", { dtype: "F16", shape: [1, 2], data: Uint16Array.of(0x3c00, 0xc000) }],
  ["f32", { dtype: "F32", shape: [2, 2], data: Float32Array.of(1, -0, 0.5, 3) }],
  ["i64", { dtype: "I64", shape: [1], data: BigInt64Array.of(-(2n ** 40n)) }],
  ["empty", { dtype: "F32", shape: [0, 4], data: new Float32Array(0) }],
]);

const COLUMNS: readonly Column[] = [
  { name: "id", type: "string" },
  { name: "index", type: "int32" },
  { name: "p", type: "float", nullable: true },
  { name: "loss", type: "double" },
  { name: "found", type: "boolean" },
  { name: "landmarks", type: "floats" },
  { name: "votes", type: "ints", nullable: true },
];
const ROWS = Array.from({ length: 40 }, (_, i) => ({
  id: `image ${i % 5}`,
  index: i,
  ...(i % 3 > 0 && { p: i / 40 }),
  loss: i,
  found: i % 2 === 0,
  landmarks: [0.5, i],
  ...(i % 2 > 0 && { votes: [i] }),
}));

const CLASSES = ["angry", "happy", `<img src=x onerror=alert("1")>|a,'b'`];

/** Arrays and tables: what stages hand on, and weights. */
export const arrays: readonly Parser[] = [
  {
    name: "npy",
    file: "array.npy",
    onDisk: true,
    examples: () =>
      fromFolder(async (folder) => {
        await writeNpy(
          join(folder, "a.npy"),
          Uint8Array.from({ length: 48 }, (_, i) => i),
          [3, 4, 4],
        );
        await writeNpy(join(folder, "b.npy"), Float32Array.of(1, 2, 3), [3]);
        return ["a.npy", "b.npy"];
      }),
    grammar: () => oddNpy,
    async read({ path }) {
      await readNpy(path);
      const array = await openNpy(path);
      await array.readRows(0, Math.min(2, array.shape[0]!)).finally(() => array.close());
    },
  },
  {
    name: "safetensors",
    file: "weights.safetensors",
    onDisk: true,
    examples: async () => [encodeSafetensors(TENSORS, { epoch: "17" })],
    grammar: oddSafetensors,
    async read({ path, bytes }) {
      const file = await openSafetensors(path);
      try {
        for (const name of file.entries.keys()) await file.read(name);
      } finally {
        await file.close();
      }
      decodeSafetensors(bytes, path);
    },
  },
  {
    name: "parquet",
    file: "table.parquet",
    onDisk: true,
    examples: () =>
      fromFolder(async (folder) => {
        await writeParquet(join(folder, "a.parquet"), COLUMNS, ROWS);
        await writeParquet(join(folder, "b.parquet"), COLUMNS, []);
        return ["a.parquet", "b.parquet"];
      }),
    async read({ path }) {
      await readParquetColumns(path);
      await readParquet(path);
      await readParquet(path, ["id", "votes"]);
    },
  },
  {
    name: "samples.parquet of features",
    file: "set.samples.parquet",
    onDisk: true,
    examples: () =>
      fromFolder(async (folder) => {
        const samples = Array.from({ length: 9 }, (_, index) => ({
          index,
          id: `${index}`,
          split: "train" as const,
          label: "happy",
          votes: [1, 2],
        }));
        await writeSamples(join(folder, "a.parquet"), samples);
        return ["a.parquet"];
      }),
    read: ({ path }) => readSamples(path),
  },
  {
    name: "predictions.parquet",
    file: "first.predictions.parquet",
    onDisk: true,
    examples: () =>
      fromFolder(async (folder) => {
        await writeEvaluation(folder, 1);
        return ["first.predictions.parquet"];
      }),
    read: ({ path }) => readPredictions(dirname(path), "first", CLASSES),
  },
  {
    name: "checkpoint of a head",
    file: "checkpoint.safetensors",
    onDisk: true,
    examples: () =>
      fromFolder(async (folder) => {
        await writeHeadCheckpoint(join(folder, "a"), {
          backbone: "pixels",
          classes: ["angry", "happy"],
          head: { kind: "softmax", inputs: 2, classes: 2 },
          epoch: 0,
          weights: new Map(),
        });
        return ["a"];
      }),
    grammar: oddSafetensors,
    read: ({ path }) => readHeadCheckpoint(path),
  },
  {
    name: "resume point of a training",
    file: "resume.safetensors",
    onDisk: true,
    examples: () =>
      fromFolder(async (folder) => {
        await writeResumePoint(
          { path: join(folder, "a"), identity: "x" },
          {
            progress: {
              epoch: 1,
              step: 2,
              running: { loss: 1, correct: 2, samples: 3 },
              history: [],
              bestEpoch: null,
            },
            trainer: { steps: 5, vectors: new Map([["w", Float32Array.of(1, 2)]]) },
            best: new Map([["w", { shape: [2], data: Float32Array.of(1, 2) }]]),
          },
        );
        return ["a"];
      }),
    grammar: oddSafetensors,
    read: ({ path }) => readResumePoint({ path, identity: "x" }),
  },
];

/** Headers of NumPy's own grammar with types and shapes that no file has. */
const oddNpy = fc
  .tuple(
    fc.constantFrom("|u1", "<f4", "<f8", "<i4", ">f4", "|O", "<U8", "|V8"),
    fc.constantFrom("False", "False", "True", "None"),
    fc.array(fc.oneof(fc.constantFrom(0, 1, 2, 3), extremeNumber), { maxLength: 5 }),
    fc.uint8Array({ maxLength: 40 }),
    fc.constantFrom(1, 1, 1, 2, 3),
  )
  .map(([descr, order, shape, data, version]) => {
    const dict = `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': (${shape.join(", ")},), }\n`;
    const length = Buffer.alloc(version === 1 ? 2 : 4);
    if (version === 1) length.writeUInt16LE(dict.length);
    else length.writeUInt32LE(dict.length);
    return Buffer.concat([
      Buffer.from(`\x93NUMPY${String.fromCharCode(version)}\0`, "latin1"),
      length,
      Buffer.from(dict),
      data,
    ]);
  });

/** Files whose JSON header, of the right length, says what is not so. */
export function oddSafetensors(examples: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  const parts = examples.map((bytes) => {
    const whole = Buffer.from(bytes);
    const end = 8 + Number(whole.readBigUInt64LE());
    return { header: JSON.parse(whole.toString("utf8", 8, end)) as unknown, values: whole.subarray(end) };
  });
  return fc.nat(parts.length - 1).chain((at) =>
    oddJson([parts[at]!.header]).map((header) => {
      const json = Buffer.from(oddJsonText(header));
      const length = Buffer.alloc(8);
      length.writeBigUInt64LE(BigInt(json.length));
      return Buffer.concat([length, json, parts[at]!.values]);
    }),
  );
}
