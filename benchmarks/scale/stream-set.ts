import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createRandom, type Random, randomInt, uniform } from "@fer-bench/artifacts";
import type { DatasetPackage, RawSample, Split } from "@fer-bench/datasets";
import { z } from "zod";

/*
 * A data set of any size that takes no room: each picture is computed when it is asked for, 48x48 grey levels, a few
 * waves and noise. One in a hundred is a copy of an earlier one, every other of these a little lighter and with noise of
 * its own; so it is known how many repeats there are to be found.
 */

export const CLASSES = ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"] as const;
export const SIDE = 48;
/** Of so many pictures the last is a copy. */
const COPY_EVERY = 100;
/** How far back its original is. */
const BACK = 50;
const WAVES = 8;

const options = z.strictObject({ count: z.int().min(100), seed: z.int().default(1) });
type Options = z.output<typeof options>;

const streamSet: DatasetPackage<Options> = {
  name: "stream",
  options,
  generate: ({ outDir, options }) => writeFile(join(outDir, "options.json"), JSON.stringify(options)),
  async *samples({ options: { count, seed } }) {
    for (let index = 0; index < count; index++) yield sampleAt(index, seed);
  },
};
export default streamSet;

/** Eight in ten are for training. */
export function splitOf(index: number): Split {
  const place = index % 10;
  return place === 8 ? "validation" : place === 9 ? "test" : "train";
}

export const labelOf = (index: number): string => CLASSES[Math.floor(index / 10) % CLASSES.length]!;

/** Pictures that occur more than once: each copy, and its original. */
export const repeatedImages = (count: number): number => 2 * Math.floor(count / COPY_EVERY);

function sampleAt(index: number, seed: number): RawSample {
  const isCopy = index % COPY_EVERY === COPY_EVERY - 1;
  const isExact = index % (2 * COPY_EVERY) === COPY_EVERY - 1;
  const original = isCopy ? index - BACK : index;
  return {
    id: `s${index}`,
    split: splitOf(index),
    label: labelOf(index),
    path: `stream#${index}`,
    image: {
      width: SIDE,
      height: SIDE,
      channels: 1,
      data: picture(original, isCopy && !isExact ? index : original, seed, isCopy && !isExact ? 6 : 0),
    },
  };
}

/** The waves of one picture and the noise of another, or of the same. */
function picture(wavesOf: number, noiseOf: number, seed: number, lighter: number): Uint8Array {
  const random = createRandom("waves", seed, wavesOf);
  const levels = new Float32Array(SIDE * SIDE).fill(128 + lighter);
  for (let i = 0; i < WAVES; i++) addWave(levels, random);
  const data = new Uint8Array(SIDE * SIDE);
  // xorshift32: a level of noise a pixel has to cost nothing.
  let state = randomInt(createRandom("noise", seed, noiseOf), 2 ** 32 - 1) + 1;
  for (let i = 0; i < data.length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    data[i] = Math.max(0, Math.min(255, levels[i]! + ((state >>> 28) - 7.5) / 2));
  }
  return data;
}

function addWave(levels: Float32Array, random: Random): void {
  const strength = uniform(random, 10, 30);
  const alongX = cosines(uniform(random, 0.5, 9), uniform(random, 0, 2 * Math.PI));
  const alongY = cosines(uniform(random, 0.5, 9), uniform(random, 0, 2 * Math.PI));
  for (let y = 0; y < SIDE; y++) {
    const ofRow = strength * alongY[y]!;
    for (let x = 0; x < SIDE; x++) levels[y * SIDE + x]! += ofRow * alongX[x]!;
  }
}

/** A wave of so many half periods over the picture. */
function cosines(periods: number, phase: number): Float32Array {
  return Float32Array.from({ length: SIDE }, (_, i) => Math.cos((Math.PI * periods * i) / SIDE + phase));
}
