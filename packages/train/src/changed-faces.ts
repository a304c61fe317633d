import { convertChannels } from "@fer-bench/models";
import type { Faces } from "./faces.ts";

/** Writes what becomes of a face [size, size, channels]; `place` counts the faces made, `row` is the face's among all. */
export type ChangeFace = (
  face: Uint8Array,
  at: { place: number; row: number },
  result: Uint8Array,
) => void | Promise<void>;

/** Some faces, as a whole as often as `times` says, each changed: [times * indices, size, size, channels]. */
export function changedFaces(
  faces: Faces,
  {
    indices,
    size,
    times = 1,
    change,
  }: { indices: Int32Array; size: number; times?: number; change: ChangeFace },
): Faces {
  const { channels } = faces;
  return {
    count: times * indices.length,
    channels,
    async read(start, count, wanted = channels) {
      const pixels = size * size * channels;
      const pictures = new Uint8Array(count * pixels);
      const pending: Promise<void>[] = [];
      for (let i = 0; i < count; ) {
        const run = consecutive(indices, (start + i) % indices.length, count - i);
        const block = await faces.read(run[0]!, run.length);
        for (let k = 0; k < run.length; k++, i++) {
          const face = block.subarray(k * pixels, (k + 1) * pixels);
          const result = pictures.subarray(i * pixels, (i + 1) * pixels);
          const changing = change(face, { place: start + i, row: run[k]! }, result);
          if (changing) pending.push(changing);
        }
      }
      await Promise.all(pending);
      return convertChannels(pictures, channels, wanted);
    },
    close: () => faces.close(),
  };
}

/** Up to `most` numbers from a place on that follow one another. */
function consecutive(numbers: Int32Array, place: number, most: number): Int32Array {
  let end = place + 1;
  while (end < numbers.length && end - place < most && numbers[end] === numbers[end - 1]! + 1) end++;
  return numbers.subarray(place, end);
}
