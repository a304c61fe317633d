import { openNpy } from "@fer-bench/artifacts";
import { enlarge } from "./heat-overlay.ts";
import type { Prediction } from "./read-evaluation.ts";

/** Faces of three channels, [side, side, 3] each. */
export interface FacePictures {
  /** Of the samples asked for, by their place. */
  samples: ReadonlyMap<number, Uint8Array>;
  /** The mean face of each class's right answers; undefined where there is none. */
  means: readonly (Uint8Array | undefined)[];
}

/** @param facesFile faces.npy, uint8 [N, size, size, channels] */
export async function facePictures(
  facesFile: string,
  {
    predictions,
    classes,
    places,
    side,
  }: {
    predictions: readonly Prediction[];
    classes: readonly string[];
    places: ReadonlySet<number>;
    side: number;
  },
): Promise<FacePictures> {
  const faces = await openNpy(facesFile);
  try {
    const [, height = 0, width = 0, channels = 1] = faces.shape;
    const picture = async (data: Uint8Array) =>
      threeChannels(await enlarge({ data, height, width, channels: channels as 1 | 3 }, side), channels);
    const samples = new Map<number, Uint8Array>();
    const sums = classes.map(() => ({ n: 0, levels: new Float64Array(height * width * channels) }));
    for (const [place, { index, label, predicted }] of predictions.entries()) {
      if (label !== predicted && !places.has(place)) continue;
      const face = (await faces.readRows(index, 1)) as Uint8Array;
      if (places.has(place)) samples.set(place, await picture(Uint8Array.from(face)));
      if (label !== predicted) continue;
      const sum = sums[label]!;
      sum.n++;
      face.forEach((level, i) => {
        sum.levels[i]! += level;
      });
    }
    const means = [];
    for (const { n, levels } of sums) {
      means.push(n > 0 ? await picture(Uint8Array.from(levels, (sum) => Math.round(sum / n))) : undefined);
    }
    return { samples, means };
  } finally {
    await faces.close();
  }
}

function threeChannels(picture: Uint8Array, channels: number): Uint8Array {
  return channels === 3
    ? picture
    : Uint8Array.from({ length: 3 * picture.length }, (_, i) => picture[Math.floor(i / 3)]!);
}
