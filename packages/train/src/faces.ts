import { FerBenchError, type NpyReader, openNpy } from "@fer-bench/artifacts";
import { convertChannels } from "@fer-bench/models";

/** Face chips on disk, uint8 [N, size, size, channels], read in the channels that the backbone was made for. */
export interface Faces {
  readonly count: number;
  readonly channels: 1 | 3;
  /** Chips `start` to `start + count`, [count, size, size, channels]; `channels` is the array's own where absent. */
  read(start: number, count: number, channels?: 1 | 3): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** @throws FerBenchError "bad-artifact" where the file holds no square chips of this size */
export async function openFaces(path: string, size: number): Promise<Faces> {
  const array = await openNpy(path);
  const [count = 0, height, width, channels] = array.shape;
  if (array.dtype !== "uint8" || height !== size || width !== size || (channels !== 1 && channels !== 3)) {
    await array.close();
    throw new FerBenchError(
      "bad-artifact",
      `${array.dtype} [${array.shape}] are no ${size}x${size} face chips`,
      {
        file: path,
        field: "input.size",
        remedy: "preprocess the data set to the size that the benchmark names",
      },
    );
  }
  return {
    count,
    channels,
    read: async (start, rows, wanted = channels) =>
      convertChannels(await readBytes(array, start, rows), channels, wanted),
    close: () => array.close(),
  };
}

async function readBytes(array: NpyReader, start: number, count: number): Promise<Uint8Array> {
  return (await array.readRows(start, count)) as Uint8Array;
}
