import { type FileHandle, open, rename, stat } from "node:fs/promises";
import { FerBenchError } from "./errors.ts";

/**
 * NumPy's array files (format version 1.0, numpy.lib.format), little-endian and in C order, written and
 * read as a stream of rows. An array above a size is kept as numbered shards: `name.npy` is then
 * `name.00000.npy`, `name.00001.npy` ..., each a whole array of its own.
 */
export type NpyDtype = "uint8" | "int32" | "float32" | "float64";
export type NpyData = Uint8Array | Int32Array | Float32Array | Float64Array;

export interface NpyArray {
  readonly dtype: NpyDtype;
  readonly shape: readonly number[];
  readonly data: NpyData;
}

export interface NpyWriter {
  /** Appends whole rows; the array's length is a multiple of the row's. */
  append(rows: NpyData): Promise<void>;
  /** Finishes the file(s); gives the number of rows written. */
  close(): Promise<number>;
}

export interface NpyReader {
  readonly dtype: NpyDtype;
  readonly shape: readonly number[];
  /** Rows `start` to `start + count`, as a new array of count x (row size) values. */
  readRows(start: number, count: number): Promise<NpyData>;
  close(): Promise<void>;
}

const DTYPES = {
  uint8: { descr: "|u1", array: Uint8Array },
  int32: { descr: "<i4", array: Int32Array },
  float32: { descr: "<f4", array: Float32Array },
  float64: { descr: "<f8", array: Float64Array },
} as const;

/** Room for a header of any shape, so that the row count can be filled in at the end. */
const HEADER_BYTES = 128;
const MAGIC = Buffer.from("\x93NUMPY\x01\x00", "latin1");
const DEFAULT_SHARD_BYTES = 256 * 1024 * 1024;
/** The environment variable that sets it. */
const SHARD_BYTES_VARIABLE = "FER_BENCH_SHARD_BYTES";

/** The numbered name of a shard: `dir/faces.npy`, 3 gives `dir/faces.00003.npy`. */
export function shardPath(path: string, shard: number): string {
  return path.replace(/\.npy$/, `.${String(shard).padStart(5, "0")}.npy`);
}

/**
 * Opens an array for writing row by row.
 * @param rowShape the shape of one row; `[]` for a vector of scalars
 * @param options.shardBytes size above which the array is sharded; by default what the environment variable
 *   FER_BENCH_SHARD_BYTES says, or 256 MiB. Readers find shards of any size
 */
export async function openNpyWriter(
  path: string,
  dtype: NpyDtype,
  rowShape: readonly number[],
  options: { shardBytes?: number } = {},
): Promise<NpyWriter> {
  const rowLength = rowShape.reduce((a, b) => a * b, 1);
  const bytesPerRow = rowLength * DTYPES[dtype].array.BYTES_PER_ELEMENT;
  const rowsPerShard = Math.max(
    1,
    Math.floor((options.shardBytes ?? shardBytesOf(process.env)) / bytesPerRow),
  );
  let file = await open(path, "w");
  let shard = 0;
  let rowsInShard = 0;
  let rows = 0;
  await file.write(Buffer.alloc(HEADER_BYTES), 0, HEADER_BYTES, 0);

  const finishShard = async (): Promise<void> => {
    await file.write(encodeHeader(dtype, [rowsInShard, ...rowShape]), 0, HEADER_BYTES, 0);
    await file.close();
  };
  const nextShard = async (): Promise<void> => {
    await finishShard();
    if (shard === 0) await rename(path, shardPath(path, 0));
    shard++;
    rowsInShard = 0;
    file = await open(shardPath(path, shard), "w");
  };

  return {
    async append(data) {
      if (data.constructor !== DTYPES[dtype].array || data.length % rowLength !== 0) {
        throw new TypeError(
          `rows of ${dtype} [${rowShape}] expected, got ${data.length} values of ${data.constructor.name}`,
        );
      }
      const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
      for (let done = 0; done < bytes.length; ) {
        if (rowsInShard === rowsPerShard) await nextShard();
        const take = Math.min((rowsPerShard - rowsInShard) * bytesPerRow, bytes.length - done);
        await writeAll(file, bytes.subarray(done, done + take), HEADER_BYTES + rowsInShard * bytesPerRow);
        rowsInShard += take / bytesPerRow;
        rows += take / bytesPerRow;
        done += take;
      }
    },
    async close() {
      await finishShard();
      return rows;
    },
  };
}

/** Errors: `bad-config` where the variable is no number of bytes. */
function shardBytesOf(env: NodeJS.ProcessEnv): number {
  const text = env[SHARD_BYTES_VARIABLE];
  if (text === undefined || text === "") return DEFAULT_SHARD_BYTES;
  const bytes = Number(text);
  if (Number.isSafeInteger(bytes) && bytes > 0) return bytes;
  throw new FerBenchError("bad-config", `"${text}" is no size of a shard`, {
    field: SHARD_BYTES_VARIABLE,
    remedy: "set it to a number of bytes, or not at all",
  });
}

/** Writes a whole array; shape[0] is the number of rows. */
export async function writeNpy(path: string, data: NpyData, shape: readonly number[]): Promise<void> {
  const dtype = (Object.keys(DTYPES) as NpyDtype[]).find((d) => DTYPES[d].array === data.constructor);
  if (!dtype) throw new TypeError(`${data.constructor.name} has no npy type here`);
  if (shape.length === 0 || data.length !== shape.reduce((a, b) => a * b, 1)) {
    throw new TypeError(`[${shape}] does not hold ${data.length} values`);
  }
  const writer = await openNpyWriter(path, dtype, shape.slice(1));
  await writer.append(data);
  await writer.close();
}

/** Opens an array, sharded or not, for reading by rows. Errors: `bad-artifact` naming the file. */
export async function openNpy(path: string): Promise<NpyReader> {
  const shards = await openShards(path);
  const first = shards[0]!;
  const rowShape = first.shape.slice(1);
  const odd = shards.find((s) => s.dtype !== first.dtype || s.shape.slice(1).join() !== rowShape.join());
  if (odd) {
    await closeAll(shards);
    throw badNpy(odd.path, `its rows are ${odd.dtype} [${odd.shape.slice(1)}], the first shard's not`);
  }
  const rowLength = rowShape.reduce((a, b) => a * b, 1);
  const ArrayType = DTYPES[first.dtype].array;
  const bytesPerRow = rowLength * ArrayType.BYTES_PER_ELEMENT;
  const total = shards.reduce((sum, shard) => sum + shard.shape[0]!, 0);

  return {
    dtype: first.dtype,
    shape: [total, ...rowShape],
    async readRows(start, count) {
      if (start < 0 || count < 0 || start + count > total) {
        throw new RangeError(`rows ${start} to ${start + count} of ${total}`);
      }
      const out = new ArrayType(count * rowLength);
      const bytes = Buffer.from(out.buffer);
      let shardStart = 0;
      for (const shard of shards) {
        const from = Math.max(start, shardStart);
        const to = Math.min(start + count, shardStart + shard.shape[0]!);
        if (from < to) {
          const target = bytes.subarray((from - start) * bytesPerRow, (to - start) * bytesPerRow);
          await readAll(shard.file, target, shard.dataStart + (from - shardStart) * bytesPerRow, shard.path);
        }
        shardStart += shard.shape[0]!;
      }
      return out;
    },
    async close() {
      await closeAll(shards);
    },
  };
}

/** Reads a whole array, sharded or not. */
export async function readNpy(path: string): Promise<NpyArray> {
  const reader = await openNpy(path);
  try {
    const data = await reader.readRows(0, reader.shape[0]!);
    return { dtype: reader.dtype, shape: reader.shape, data };
  } finally {
    await reader.close();
  }
}

interface Shard {
  readonly path: string;
  readonly file: FileHandle;
  readonly dtype: NpyDtype;
  readonly shape: readonly number[];
  readonly dataStart: number;
}

async function openShards(path: string): Promise<Shard[]> {
  if (await exists(path)) return [await openShard(path)];
  const shards: Shard[] = [];
  try {
    while (await exists(shardPath(path, shards.length))) {
      shards.push(await openShard(shardPath(path, shards.length)));
    }
  } catch (error) {
    await closeAll(shards);
    throw error;
  }
  if (shards.length === 0) {
    throw new FerBenchError("bad-artifact", "the array is not there", {
      file: path,
      remedy: "run the stage that writes it again",
    });
  }
  return shards;
}

async function closeAll(shards: readonly Shard[]): Promise<void> {
  await Promise.all(shards.map((shard) => shard.file.close()));
}

async function openShard(path: string): Promise<Shard> {
  const file = await open(path, "r");
  try {
    const { size } = await file.stat();
    const preamble = Buffer.alloc(Math.min(10, size));
    await readAll(file, preamble, 0, path);
    if (size < 10 || !preamble.subarray(0, 6).equals(MAGIC.subarray(0, 6)) || preamble[6] !== 1) {
      throw badNpy(path, "it is not an npy file of format 1.0");
    }
    const headerLength = preamble.readUInt16LE(8);
    if (10 + headerLength > size) throw badNpy(path, "its header is cut off");
    const header = Buffer.alloc(headerLength);
    await readAll(file, header, 10, path);
    const { dtype, shape } = decodeHeader(header.toString("latin1"), path);
    const dataStart = 10 + headerLength;
    const expected = shape.reduce((a, b) => a * b, DTYPES[dtype].array.BYTES_PER_ELEMENT);
    if (size - dataStart !== expected) {
      throw badNpy(path, `${dtype} [${shape}] takes ${expected} bytes, it has ${size - dataStart}`);
    }
    return { path, file, dtype, shape, dataStart };
  } catch (error) {
    await file.close();
    throw error;
  }
}

function encodeHeader(dtype: NpyDtype, shape: readonly number[]): Buffer {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
  const dict = `{'descr': '${DTYPES[dtype].descr}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const header = Buffer.alloc(HEADER_BYTES, " ");
  MAGIC.copy(header);
  header.writeUInt16LE(HEADER_BYTES - 10, 8);
  header.write(dict, 10, "latin1");
  header[HEADER_BYTES - 1] = 0x0a;
  return header;
}

function decodeHeader(header: string, path: string): { dtype: NpyDtype; shape: number[] } {
  const descr = /'descr': *'([^']*)'/.exec(header)?.[1];
  const order = /'fortran_order': *(True|False)/.exec(header)?.[1];
  const tuple = /'shape': *\(([0-9, ]*)\)/.exec(header)?.[1];
  const dtype = (Object.keys(DTYPES) as NpyDtype[]).find((d) => DTYPES[d].descr === descr);
  if (dtype === undefined || order !== "False" || tuple === undefined) {
    throw badNpy(path, `its header says ${header.trim().slice(0, 120)}`);
  }
  const shape = tuple
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "")
    .map(Number);
  if (shape.length === 0 || !Number.isSafeInteger(shape.reduce((a, b) => a * b, 8))) {
    throw badNpy(path, `its shape is (${tuple})`);
  }
  return { dtype, shape };
}

function badNpy(path: string, why: string): FerBenchError {
  return new FerBenchError("bad-artifact", `the array cannot be read: ${why}`, {
    file: path,
    remedy: "delete the stage's folder and run the stage again",
  });
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** A single write may be short; the position makes the order explicit. */
async function writeAll(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}

async function readAll(file: FileHandle, bytes: Buffer, position: number, path: string): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesRead } = await file.read(bytes, done, bytes.length - done, position + done);
    if (bytesRead === 0) throw badNpy(path, `it ends at byte ${position + done}`);
    done += bytesRead;
  }
}
