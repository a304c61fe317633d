import { FerBenchError, type NpyReader, openNpy } from "@fer-bench/artifacts";

/** Some rows of a feature array, in an order of their own. */
export interface FeatureRows {
  readonly count: number;
  /** Length of a row. */
  readonly width: number;
  /** Copies rows, named by their position in this order, one after the other to the start of `into`. */
  gather(positions: Int32Array, into: Float32Array): Promise<void>;
  close(): Promise<void>;
}

/** Rows of up to this many bytes are held in memory; of more, each is read from the file whenever it is needed. */
const MEMORY_LIMIT = 512 * 1024 * 1024;

/** Rows read at a time while they are loaded. */
const CHUNK = 1024;
/** Rows in flight while they are read one by one. */
const LANES = 8;

/**
 * Opens the rows `indices` of a float32 array [N, D] on disk.
 * @param options `rows`: how many the array has; at least as many as are named where it is absent
 * @throws FerBenchError "bad-artifact" where the file is no such array or has other rows
 */
export async function openFeatureRows(
  path: string,
  indices: Int32Array,
  options: { memoryLimit?: number; rows?: number } = {},
): Promise<FeatureRows> {
  const array = await openNpy(path);
  const [rows = 0, width = 0] = array.shape;
  const hasRows = rows === (options.rows ?? rows) && indices.every((index) => index < rows);
  if (array.dtype !== "float32" || array.shape.length !== 2 || !hasRows) {
    await array.close();
    throw new FerBenchError(
      "bad-artifact",
      `${array.dtype} [${array.shape}] are not the features of these samples`,
      {
        file: path,
        remedy: "delete the features stage's folder and run the stage again",
      },
    );
  }
  if (indices.length * width * 4 > (options.memoryLimit ?? MEMORY_LIMIT))
    return rowsOnDisk(array, indices, width);
  const data = await loadRows(array, indices, width).finally(() => array.close());
  return rowsInMemory(data, width);
}

/** Rows that are in memory already: [count, width]. */
export function rowsInMemory(data: Float32Array, width: number): FeatureRows {
  return {
    count: data.length / width,
    width,
    async gather(positions, into) {
      for (let i = 0; i < positions.length; i++) {
        const from = positions[i]! * width;
        into.set(data.subarray(from, from + width), i * width);
      }
    },
    async close() {},
  };
}

function rowsOnDisk(array: NpyReader, indices: Int32Array, width: number): FeatureRows {
  return {
    count: indices.length,
    width,
    async gather(positions, into) {
      let next = 0;
      const lane = async () => {
        while (next < positions.length) {
          const i = next++;
          into.set((await array.readRows(indices[positions[i]!]!, 1)) as Float32Array, i * width);
        }
      };
      await Promise.all(Array.from({ length: LANES }, lane));
    },
    close: () => array.close(),
  };
}

/** Reads the array once, front to back, and keeps the rows that are asked for. */
async function loadRows(array: NpyReader, indices: Int32Array, width: number): Promise<Float32Array> {
  const data = new Float32Array(indices.length * width);
  const positions = Int32Array.from(indices.keys()).sort((a, b) => indices[a]! - indices[b]!);
  for (let next = 0; next < positions.length; ) {
    const start = indices[positions[next]!]!;
    const chunk = (await array.readRows(start, Math.min(CHUNK, array.shape[0]! - start))) as Float32Array;
    for (; next < positions.length && indices[positions[next]!]! < start + CHUNK; next++) {
      const from = (indices[positions[next]!]! - start) * width;
      data.set(chunk.subarray(from, from + width), positions[next]! * width);
    }
  }
  return data;
}
