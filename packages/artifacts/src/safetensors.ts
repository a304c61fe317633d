import { createWriteStream } from "node:fs";
import { open, readFile } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
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
  return Buffer.concat(partsOf(tensors, metadata));
}

/** The header and the values of each tensor, as they follow one another in the file; no value is copied. */
function partsOf(tensors: ReadonlyMap<string, Tensor>, metadata: Record<string, string>): Buffer[] {
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
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(Buffer.byteLength(json)));
  const values = sorted.map(([, { data }]) => Buffer.from(data.buffer, data.byteOffset, data.byteLength));
  return [length, Buffer.from(json), ...values];
}

/** Where a tensor lies in a file: `begin` and `end` count bytes of the values, which follow the header. */
export interface TensorEntry {
  readonly dtype: TensorDtype;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

/** A file whose tensors are read one at a time. */
export interface SafetensorsFile {
  readonly entries: ReadonlyMap<string, TensorEntry>;
  readonly metadata: Record<string, string>;
  /** Errors: `bad-data` where the file got shorter since it was opened; a TypeError for a name it does not have. */
  read(name: string): Promise<Tensor>;
  close(): Promise<void>;
}

/** Decodes a whole file's bytes. Errors: `bad-data` naming `file` and the tensor that breaks the format. */
export function decodeSafetensors(bytes: Uint8Array, file: string): Safetensors {
  const start = startOfValues(bytes, bytes.byteLength, file);
  const { entries, metadata } = parseHeader(bytes.subarray(8, start), bytes.byteLength - start, file);
  const tensors = new Map<string, Tensor>();
  for (const [name, entry] of entries) {
    // Not a view of `bytes`' own class: a Buffer's slice would share its memory and its alignment.
    const values = new Uint8Array(
      bytes.buffer,
      bytes.byteOffset + start + entry.begin,
      entry.end - entry.begin,
    );
    tensors.set(name, tensorOf(entry, values.slice().buffer));
  }
  return { tensors, metadata };
}

/** Opens a file and reads its header. Errors: `missing` where there is none, `bad-data` where it breaks the format. */
export async function openSafetensors(path: string): Promise<SafetensorsFile> {
  const handle = await open(path).catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
  try {
    const { size } = await handle.stat();
    const readBytes = async (position: number, length: number): Promise<Uint8Array<ArrayBuffer>> => {
      const bytes = new Uint8Array(length);
      const { bytesRead } = await handle.read(bytes, 0, length, position);
      if (bytesRead < length) throw broken(path, `it ends after ${position + bytesRead} bytes`);
      return bytes;
    };
    const start = startOfValues(await readBytes(0, Math.min(8, size)), size, path);
    const { entries, metadata } = parseHeader(await readBytes(8, start - 8), size - start, path);
    return {
      entries,
      metadata,
      async read(name) {
        const entry = entries.get(name);
        if (entry === undefined) throw new TypeError(`${path} has no tensor ${name}`);
        return tensorOf(entry, (await readBytes(start + entry.begin, entry.end - entry.begin)).buffer);
      },
      close: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

function tensorOf({ dtype, shape }: TensorEntry, values: ArrayBuffer): Tensor {
  return { dtype, shape, data: new ARRAYS[dtype](values) };
}

/** The offset of the values, from the file's first eight bytes. */
function startOfValues(first: Uint8Array, size: number, file: string): number {
  if (size < 8) throw broken(file, `it has ${size} bytes`);
  const header = Number(new DataView(first.buffer, first.byteOffset, 8).getBigUint64(0, true));
  if (header > MAX_HEADER_BYTES || 8 + header > size) throw broken(file, `its header claims ${header} bytes`);
  return 8 + header;
}

function parseHeader(bytes: Uint8Array, valuesLength: number, file: string) {
  let header: unknown;
  try {
    header = JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch {
    throw broken(file, "its header is not JSON");
  }
  if (typeof header !== "object" || header === null || Array.isArray(header)) {
    throw broken(file, "its header is no object");
  }
  const entries = new Map<string, TensorEntry>();
  let metadata: Record<string, string> = {};
  for (const [name, value] of Object.entries(header as Record<string, unknown>)) {
    if (name === METADATA) {
      if (!isTexts(value)) throw broken(file, "its metadata are not texts by name", name);
      metadata = value;
      continue;
    }
    entries.set(name, parseEntry(name, value, valuesLength, file));
  }
  checkCover(entries, valuesLength, file);
  return { entries, metadata };
}

/** The format's rule: tensors lie one behind the other, from the first byte of the values to the last. */
function checkCover(entries: ReadonlyMap<string, TensorEntry>, valuesLength: number, file: string): void {
  let covered = 0;
  for (const [name, { begin, end }] of [...entries].sort(
    ([, a], [, b]) => a.begin - b.begin || a.end - b.end,
  )) {
    if (begin !== covered) throw broken(file, `${name} begins at ${begin}, not at ${covered}`, name);
    covered = end;
  }
  if (covered !== valuesLength) {
    throw broken(file, `${valuesLength - covered} bytes follow its last tensor`);
  }
}

function parseEntry(name: string, value: unknown, valuesLength: number, file: string): TensorEntry {
  const { dtype, shape, data_offsets: offsets } = (value ?? {}) as Record<string, unknown>;
  if (typeof dtype !== "string" || !Object.hasOwn(ARRAYS, dtype)) {
    throw broken(file, `${name} is of type ${typeof dtype === "string" ? dtype : typeof dtype}`, name);
  }
  if (!isCounts(shape)) throw broken(file, `${name} has no shape`, name);
  if (!isCounts(offsets) || offsets.length !== 2) throw broken(file, `${name} has no offsets`, name);
  const [begin, end] = offsets as [number, number];
  const length = shape.reduce((a, b) => a * b, 1);
  if (end > valuesLength || end - begin !== length * ARRAYS[dtype as TensorDtype].BYTES_PER_ELEMENT) {
    throw broken(
      file,
      `${name} ${dtype} [${shape}] lies at ${begin} to ${end} of ${valuesLength} bytes`,
      name,
    );
  }
  return { dtype: dtype as TensorDtype, shape, begin, end };
}

function broken(file: string, why: string, field?: string): FerBenchError {
  return new FerBenchError("bad-data", `not a whole safetensors file: ${why}`, {
    file,
    field,
    remedy: "get or write the file again",
  });
}

function unreadable(file: string, cause: unknown): FerBenchError {
  return new FerBenchError("missing", "the weights file cannot be read", {
    file,
    remedy: "check the path",
    cause,
  });
}

/** Writes a file of what `encodeSafetensors` gives, without another copy of the values in memory. */
export async function writeSafetensors(
  path: string,
  tensors: ReadonlyMap<string, Tensor>,
  metadata: Record<string, string> = {},
): Promise<void> {
  await pipeline(Readable.from(partsOf(tensors, metadata)), createWriteStream(path));
}

/** Reads a file. Errors: `missing` where there is none, `bad-data` where it breaks the format. */
export async function readSafetensors(path: string): Promise<Safetensors> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw unreadable(path, cause);
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
