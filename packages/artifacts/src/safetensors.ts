import { readFile, writeFile } from "node:fs/promises";
import { FerBenchError } from "./errors.ts";

/**
 * Tensors by name in Hugging Face's safetensors layout: an 8-byte little-endian header length, a JSON
 * header, the values. F16 and BF16 are kept as their 16-bit patterns.
 */
export interface Tensor {
  readonly dtype: TensorDtype;
  readonly shape: readonly number[];
  readonly data: TensorData;
}

export type TensorDtype = "F64" | "F32" | "F16" | "BF16" | "I64" | "I32" | "U8";
export type TensorData = Float64Array | Float32Array | Uint16Array | BigInt64Array | Int32Array | Uint8Array;

const ARRAYS = {
  F64: Float64Array,
  F32: Float32Array,
  F16: Uint16Array,
  BF16: Uint16Array,
  I64: BigInt64Array,
  I32: Int32Array,
  U8: Uint8Array,
} as const;

/** The format's own bound on the header, which keeps a corrupt length from asking for all memory. */
const MAX_HEADER_BYTES = 100_000_000;

/** The header's one key that is no tensor. */
const METADATA = "__metadata__";

export interface Safetensors {
  readonly tensors: Map<string, Tensor>;
  readonly metadata: Record<string, string>;
}

/** Encodes tensors, by descending alignment and then by name, so that the same tensors give the same bytes. */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, Tensor>,
  metadata: Record<string, string> = {},
): Uint8Array {
  const width = (tensor: Tensor): number => ARRAYS[tensor.dtype].BYTES_PER_ELEMENT;
  const sorted = [...tensors].sort(([a, x], [b, y]) => width(y) - width(x) || (a < b ? -1 : 1));
  const header: [string, unknown][] = [];
  if (Object.keys(metadata).length > 0) {
    const pairs = Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1));
    header.push([METADATA, Object.fromEntries(pairs)]);
  }
  let offset = 0;
  for (const [name, { dtype, shape, data }] of sorted) {
    if (data.length !== shape.reduce((a, b) => a * b, 1) || data.constructor !== ARRAYS[dtype]) {
      throw new TypeError(
        `${name}: ${dtype} [${shape}] does not hold ${data.length} of ${data.constructor.name}`,
      );
    }
    if (name === METADATA) throw new TypeError(`no tensor can be called ${METADATA}`);
    header.push([name, { dtype, shape, data_offsets: [offset, offset + data.byteLength] }]);
    offset += data.byteLength;
  }
  let json = JSON.stringify(Object.fromEntries(header));
  json += " ".repeat((8 - (Buffer.byteLength(json) % 8)) % 8);
  const start = 8 + Buffer.byteLength(json);
  const bytes = Buffer.alloc(start + offset);
  bytes.writeBigUInt64LE(BigInt(start - 8));
  bytes.write(json, 8);
  let position = start;
  for (const [, { data }] of sorted) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), position);
    position += data.byteLength;
  }
  return bytes;
}

/** Decodes a whole file's bytes. Errors: `bad-data` naming `file` and the tensor that breaks the format. */
export function decodeSafetensors(bytes: Uint8Array, file: string): Safetensors {
  const fail = (why: string, field?: string): never => {
    throw new FerBenchError("bad-data", `not a whole safetensors file: ${why}`, {
      file,
      field,
      remedy: "get or write the file again",
    });
  };
  if (bytes.byteLength < 8) fail(`it has ${bytes.byteLength} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerLength = Number(view.getBigUint64(0, true));
  if (headerLength > MAX_HEADER_BYTES || 8 + headerLength > bytes.byteLength) {
    fail(`its header claims ${headerLength} bytes`);
  }
  let header: unknown;
  try {
    header = JSON.parse(Buffer.from(bytes.subarray(8, 8 + headerLength)).toString("utf8"));
  } catch {
    fail("its header is not JSON");
  }
  if (typeof header !== "object" || header === null || Array.isArray(header)) fail("its header is no object");
  const tensors = new Map<string, Tensor>();
  let metadata: Record<string, string> = {};
  // Not a view of `bytes`' own class: a Buffer's slice would share its memory and its alignment.
  const values = new Uint8Array(
    bytes.buffer,
    bytes.byteOffset + 8 + headerLength,
    bytes.byteLength - 8 - headerLength,
  );
  for (const [name, entry] of Object.entries(header as Record<string, unknown>)) {
    if (name === METADATA) {
      if (!isTexts(entry)) fail("its metadata are not texts by name", name);
      metadata = entry as Record<string, string>;
      continue;
    }
    const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as Record<string, unknown>;
    if (typeof dtype !== "string" || !Object.hasOwn(ARRAYS, dtype)) {
      fail(`${name} is of type ${typeof dtype === "string" ? dtype : typeof dtype}`, name);
    }
    if (!isCounts(shape)) fail(`${name} has no shape`, name);
    if (!isCounts(offsets) || offsets.length !== 2) fail(`${name} has no offsets`, name);
    const ArrayType = ARRAYS[dtype as TensorDtype];
    const [begin, end] = offsets as number[] as [number, number];
    const length = (shape as number[]).reduce((a, b) => a * b, 1);
    if (end > values.byteLength || end - begin !== length * ArrayType.BYTES_PER_ELEMENT) {
      fail(`${name} ${dtype} [${shape}] lies at ${begin} to ${end} of ${values.byteLength} bytes`, name);
    }
    const data = new ArrayType(values.slice(begin, end).buffer);
    tensors.set(name, { dtype: dtype as TensorDtype, shape: shape as number[], data });
  }
  return { tensors, metadata };
}

export async function writeSafetensors(
  path: string,
  tensors: ReadonlyMap<string, Tensor>,
  metadata: Record<string, string> = {},
): Promise<void> {
  await writeFile(path, encodeSafetensors(tensors, metadata));
}

/** Reads a file. Errors: `missing` where there is none, `bad-data` where it breaks the format. */
export async function readSafetensors(path: string): Promise<Safetensors> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw new FerBenchError("missing", "the weights file cannot be read", {
      file: path,
      remedy: "check the path",
      cause,
    });
  });
  return decodeSafetensors(new Uint8Array(bytes), path);
}

function isTexts(value: unknown): value is Record<string, string> {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every((text) => typeof text === "string")
  );
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0);
}
