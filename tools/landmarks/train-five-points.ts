/**
 * Trains the five landmarks that fer-bench ships, on portraits that render-portraits.ts rendered:
 *
 *     node --conditions=@fer-bench/source --import tsx tools/landmarks/train-five-points.ts \
 *       --out packages/preprocess/weights/five-points.safetensors portraits.bin [more.bin ...]
 *
 * Nothing else goes into it: no photograph, no landmark that another model gave. Every tenth portrait is held out. Each
 * is seen `draws` times: in other boxes, cut off elsewhere by the picture's border, in other light.
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import {
  createRandom,
  encodeSafetensors,
  normal,
  type Random,
  type Tensor,
  uniform,
} from "@fer-bench/artifacts";
import type { Box, PixelImage } from "@fer-bench/datasets";
import { findSimilarity } from "../../packages/preprocess/src/align/similarity.ts";
import {
  cutFacePatch,
  mirrorLevels,
  PATCH_SIDE,
} from "../../packages/preprocess/src/landmarks/face-patch.ts";
import {
  DESCRIPTOR_LENGTH,
  type Described,
  describePoints,
  FRAME,
} from "../../packages/preprocess/src/landmarks/gradient-descriptors.ts";
import {
  type DescentModel,
  mirrorShape,
  takeStep,
} from "../../packages/preprocess/src/landmarks/supervised-descent.ts";
import { cropPicture } from "../dlib/crop-picture.ts";
import { readRecords } from "../dlib/picture-stream.ts";
import { eyeError } from "./eye-error.ts";
import { createRidge } from "./ridge.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    out: { type: "string", default: "five-points.safetensors" },
    stages: { type: "string", default: "5" },
    penalty: { type: "string", default: "0.0003" },
    seed: { type: "string", default: "1" },
    draws: { type: "string", default: "2" },
  },
});
const [stageCount, penalty, seed, draws] = [values.stages, values.penalty, values.seed, values.draws].map(
  Number,
) as [number, number, number, number];

/** dlib's five points: an eye's corners become the other eye's. */
const MIRRORED = [2, 3, 0, 1, 4];
/**
 * Of the upright frame: where the middle between the eyes is, and how far they are apart. What is described reaches
 * from the brows to the upper lip.
 */
const EYES_AT = [0.5 * FRAME, 0.38 * FRAME] as const;
const EYES_APART = 0.42 * FRAME;
/**
 * Boxes about rendered faces as dlib 19.24's detector finds them, in distances between the eyes: of the box's centre
 * from the middle between them (0.00, 0.49), standard deviations 0.09 and 0.11, width 2.46, standard deviation 0.24,
 * of 5,825 boxes. They are drawn wider by half and more: about faces at a picture's border boxes lie farther off.
 */
const BOX = { down: 0.49, sideways: 0.16, updown: 0.22, width: 2.43, widths: 0.15 };
/** From between the eyes to the base of the nose, likewise, of a face that looks ahead. */
const NOSE_DOWN = 0.87;
/**
 * Where a picture may end, likewise, from the middle between the eyes: in the brows to above the hair, at the mouth to
 * below the chin, beside the eyes to beside the ears. Many photographs are cut so close.
 */
const BORDERS = { up: [0.3, 1.3], down: [1.15, 2.2], aside: [0.85, 1.6] } as const;

interface Sample {
  readonly levels: Float32Array;
  readonly truth: Float32Array;
  readonly shape: Float32Array;
}

const samples: Sample[] = [];
const heldOut: Sample[] = [];
const started = performance.now();
for (const { number, sample } of readSamples()) (number % 10 === 9 ? heldOut : samples).push(sample);
const start = meanShape(samples);
const model = { start, upright: uprightShape(start), mirrored: MIRRORED, stages: [] as Float32Array[] };
for (const { shape } of [...samples, ...heldOut]) shape.set(start);
report("the mean shape");
for (let number = 1; number <= stageCount; number++) {
  const described = samples.map(describe);
  const stage = trainStage(samples, described);
  model.stages.push(stage);
  for (const [i, { shape }] of samples.entries()) takeStep(stage, described[i]!, shape);
  for (const sample of heldOut) takeStep(stage, describe(sample), sample.shape);
  report(`stage ${number}`);
}
writeFileSync(values.out, encode(model));

function* readSamples(): Generator<{ number: number; sample: Sample }> {
  let number = 0;
  for (const file of positionals) {
    for (const { image, numbers } of readRecords(file)) {
      for (let draw = 0; draw < draws; draw++) {
        yield { number, sample: drawSample(image, numbers, createRandom(seed, "sample", number, draw)) };
      }
      number++;
    }
  }
}

function drawSample(image: PixelImage, points: Float32Array, random: Random): Sample {
  const box = drawBox(points, random);
  const seen = random.next() < 0.5 ? drawBorders(image, points, random) : { image, left: 0, top: 0 };
  const inSeen: Box = { ...box, left: box.left - seen.left, top: box.top - seen.top };
  const { levels, scale, left, top } = cutFacePatch(seen.image, inSeen);
  const truth = points.map((position, i) => (position - (i % 2 ? top + seen.top : left + seen.left)) / scale);
  develop(levels, random);
  const shape = new Float32Array(truth.length);
  return random.next() < 0.5
    ? { levels: mirrorLevels(levels), truth: mirrorShape({ mirrored: MIRRORED }, truth), shape }
    : { levels, truth, shape };
}

/** The part of the picture that is left where each of its borders may have come nearer to the face. */
function drawBorders(image: PixelImage, points: Float32Array, random: Random) {
  const { middle, unit } = faceAt(points);
  const [x, y] = middle;
  const draw = ([low, high]: readonly [number, number], none: number): number => {
    const reach = uniform(random, low, high) * unit;
    return random.next() < 0.5 ? reach : none;
  };
  const [up, down] = [draw(BORDERS.up, y), draw(BORDERS.down, image.height)];
  const [toLeft, toRight] = [draw(BORDERS.aside, x), draw(BORDERS.aside, image.width)];
  const left = Math.max(0, Math.round(x - toLeft));
  const top = Math.max(0, Math.round(y - up));
  const width = Math.min(image.width, Math.round(x + toRight)) - left;
  const height = Math.min(image.height, Math.round(y + down)) - top;
  return { image: cropPicture(image, { left, top, width, height }), left, top };
}

function drawBox(points: Float32Array, random: Random): Box {
  const { middle, unit } = faceAt(points);
  const draw = (deviation: number) => deviation * Math.max(-2.5, Math.min(2.5, normal(random)));
  const side = unit * BOX.width * Math.exp(draw(BOX.widths));
  const x = middle[0] + unit * draw(BOX.sideways);
  const y = middle[1] + unit * (BOX.down + draw(BOX.updown));
  return { left: x + 0.5 - side / 2, top: y + 0.5 - side / 2, width: side, height: side };
}

/** Other light, a shadow's edge, a worse lens and a worse sensor, in place. */
function develop(levels: Float32Array, random: Random): void {
  const draw = (low: number, high: number) => uniform(random, low, high);
  for (let passes = Math.floor(draw(0, 4)); passes > 0; passes--) blur(levels);
  const [gamma, gain, bias, grain] = [
    Math.exp(draw(-0.4, 0.4)),
    Math.exp(draw(-0.4, 0.4)),
    draw(-15, 15),
    draw(0, 12),
  ];
  const [light, shade] = [draw(0, 2 * Math.PI), draw(0, 2 * Math.PI)];
  const slope = draw(0, 0.6);
  const shadow =
    random.next() < 0.2 ? { at: draw(-0.3, 0.3), depth: draw(0.2, 0.6), soft: draw(0.03, 0.2) } : undefined;
  for (let i = 0; i < levels.length; i++) {
    const [x, y] = [(i % PATCH_SIDE) / PATCH_SIDE - 0.5, Math.floor(i / PATCH_SIDE) / PATCH_SIDE - 0.5];
    let level =
      255 * (levels[i]! / 255) ** gamma * gain * (1 + slope * (x * Math.cos(light) + y * Math.sin(light)));
    if (shadow) {
      const depth = (x * Math.cos(shade) + y * Math.sin(shade) - shadow.at) / shadow.soft;
      level *= 1 - shadow.depth * Math.max(0, Math.min(1, depth + 0.5));
    }
    level += bias + grain * (random.next() - 0.5);
    levels[i] = Math.max(0, Math.min(255, level));
  }
}

/** 1 2 1 along both axes; the border stays. */
function blur(levels: Float32Array): void {
  for (const step of [1, PATCH_SIDE]) {
    const from = levels.slice();
    for (let i = PATCH_SIDE; i < levels.length - PATCH_SIDE; i++) {
      levels[i] = (from[i - step]! + 2 * from[i]! + from[i + step]!) / 4;
    }
  }
}

function describe({ levels, shape }: Sample): Described {
  return describePoints(levels, shape, model.upright);
}

function trainStage(from: readonly Sample[], described: readonly Described[]): Float32Array {
  const ridge = createRidge((start.length / 2) * DESCRIPTOR_LENGTH + 1, start.length);
  for (const [i, { truth, shape }] of from.entries()) {
    const { features, toPatch } = described[i]!;
    const { a, b } = toPatch;
    const square = a * a + b * b;
    const target = new Float64Array(start.length);
    for (let k = 0; k < target.length; k += 2) {
      const [dx, dy] = [truth[k]! - shape[k]!, truth[k + 1]! - shape[k + 1]!];
      target[k] = (a * dx + b * dy) / square;
      target[k + 1] = (a * dy - b * dx) / square;
    }
    ridge.add(features, target);
  }
  return ridge.solve(penalty);
}

/** Symmetric, since half of the samples are mirrored. */
function meanShape(from: readonly Sample[]): Float32Array {
  const sum = new Float64Array(2 * MIRRORED.length);
  for (const { truth } of from) {
    const mirrored = mirrorShape({ mirrored: MIRRORED }, truth);
    for (let k = 0; k < sum.length; k++) sum[k]! += (truth[k]! + mirrored[k]!) / 2;
  }
  return Float32Array.from(sum, (value) => value / from.length);
}

function uprightShape(shape: Float32Array): Float32Array {
  const { middle, apart } = eyesOf(shape);
  const half = EYES_APART / 2;
  const eyes = [EYES_AT[0] + half, EYES_AT[1], EYES_AT[0] - half, EYES_AT[1]];
  const { a, b, c, d } = findSimilarity(
    [middle[0] + apart / 2, middle[1], middle[0] - apart / 2, middle[1]],
    eyes,
  );
  return shape.map((_, k) => {
    const [x, y] = [shape[k - (k % 2)]!, shape[k - (k % 2) + 1]!];
    return k % 2 ? b * x + a * y + d : a * x - b * y + c;
  });
}

/** The middle between the eyes, and how far apart they are, or would be if the face did not look aside. */
function faceAt(points: ArrayLike<number>): { middle: [number, number]; unit: number } {
  const { middle, apart } = eyesOf(points);
  const noseBelow = Math.hypot(points[8]! - middle[0], points[9]! - middle[1]);
  return { middle, unit: Math.max(apart, noseBelow / NOSE_DOWN) };
}

function eyesOf(points: ArrayLike<number>): { middle: [number, number]; apart: number } {
  const eye = (i: number) =>
    [(points[i]! + points[i + 2]!) / 2, (points[i + 1]! + points[i + 3]!) / 2] as const;
  const [right, left] = [eye(0), eye(4)];
  return {
    middle: [(right[0] + left[0]) / 2, (right[1] + left[1]) / 2],
    apart: Math.hypot(right[0] - left[0], right[1] - left[1]),
  };
}

function encode({ start, upright, stages }: DescentModel): Uint8Array {
  const tensor = (data: Float32Array, shape: number[]): Tensor => ({ dtype: "F32", shape, data });
  const tensors = new Map([
    ["start", tensor(start, [start.length])],
    ["upright", tensor(upright, [upright.length])],
  ]);
  for (const [i, data] of stages.entries()) {
    tensors.set(`stage.${i}`, tensor(data, [data.length / start.length, start.length]));
  }
  return encodeSafetensors(tensors, {
    about: "five face landmarks by supervised descent",
    trainedOn: `${samples.length} views of rendered portraits, seed ${seed}`,
    license: "MIT",
  });
}

function report(after: string): void {
  const errorOf = (of: readonly Sample[]) =>
    (of.reduce((sum, { shape, truth }) => sum + eyeError(shape, truth), 0) / of.length) * 100;
  const seconds = Math.round((performance.now() - started) / 1000);
  process.stdout.write(
    `${after}: eyes off by ${errorOf(samples).toFixed(2)}% of their distance, held out ${errorOf(heldOut).toFixed(2)}% (${seconds} s)\n`,
  );
}
