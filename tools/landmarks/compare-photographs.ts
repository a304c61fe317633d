/**
 * Holds landmarks against dlib's own on photographs: dlib 19.24's detector and 68 points are the reference.
 *
 *     node --conditions=@fer-bench/source --import tsx tools/landmarks/compare-photographs.ts \
 *       --photographs folder [--predictor shape_predictor_68_face_landmarks.dat] [--every 1]
 *
 * Prints how many faces have every landmark as dlib has it from the same file, and how far the eyes are off, in
 * distances between them, by the five landmarks that fer-bench brings, by image processing, and where eyes usually are.
 */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Box, PixelImage } from "@fer-bench/datasets";
import { openLandmarks, readPhotograph } from "@fer-bench/preprocess";
import { cutFacePatch, PATCH_SIDE } from "../../packages/preprocess/src/landmarks/face-patch.ts";
import { readFivePoints } from "../../packages/preprocess/src/landmarks/five-points.ts";
import { buildDlibProgram, runDlibProgram } from "./dlib-programs.ts";
import { eyeError, FIVE_OF_68 } from "./eye-error.ts";
import { findEyeCentre } from "./gradient-eyes.ts";
import { encodeRecord } from "./picture-stream.ts";

const { values } = parseArgs({
  options: {
    photographs: { type: "string" },
    predictor: { type: "string", default: "/usr/share/dlib/shape_predictor_68_face_landmarks.dat" },
    every: { type: "string", default: "1" },
  },
});
if (values.photographs === undefined) throw new Error("name a folder with --photographs");

/** Photographs that dlib is given at a time; it reads its file anew for each. */
const BATCH = 300;

interface Face {
  readonly box: [left: number, top: number, right: number, bottom: number];
  readonly points: number[];
}

const dlib = buildDlibProgram("dlib_landmarks");
const [same, five, usual] = [
  await openLandmarks(values.predictor),
  await openLandmarks(),
  await readFivePoints(),
];
const errors: Record<string, number[]> = { "five points": [], "image processing": [], "usual place": [] };
let [photographs, faces, exact, withinOne] = [0, 0, 0, 0];
for await (const batch of batches(values.photographs, Number(values.every))) {
  const input = Buffer.concat(batch.map((image) => encodeRecord(image, [])));
  const lines = runDlibProgram(dlib, ["predict", values.predictor], input).trim().split("\n");
  photographs += batch.length;
  batch.forEach((image, i) => {
    for (const face of JSON.parse(lines[i]!) as Face[]) compare(image, face);
  });
}
process.stdout.write(
  `${runDlibProgram(dlib, ["version"], new Uint8Array()).trim()} found ${faces} faces in ${photographs} photographs\n`,
);
process.stdout.write(
  `every landmark as dlib's: ${share(exact)} of faces; within 1 pixel: ${share(withinOne)}\n`,
);
for (const [what, list] of Object.entries(errors)) {
  const sorted = list.sort((a, b) => a - b);
  const at = (quantile: number) => percent(sorted[Math.floor(quantile * sorted.length)]!);
  const mean = percent(sorted.reduce((sum, value) => sum + value, 0) / sorted.length);
  const wide = share(sorted.filter((value) => value > 0.1).length);
  process.stdout.write(
    `eyes by ${what}: off by ${mean} on average, median ${at(0.5)}, 90th percentile ${at(0.9)}, over 10%: ${wide}\n`,
  );
}

function compare(image: PixelImage, { box: [left, top, right, bottom], points }: Face): void {
  const box: Box = { left, top, width: right - left + 1, height: bottom - top + 1 };
  const apart = same
    .find(image, box)
    .reduce((most, value, i) => Math.max(most, Math.abs(value - points[i]!)), 0);
  faces++;
  if (apart === 0) exact++;
  if (apart <= 1) withinOne++;
  const truth = FIVE_OF_68.flatMap((i) => [points[2 * i]!, points[2 * i + 1]!]);
  errors["five points"]!.push(eyeError(five.find(image, box), truth));
  const patch = cutFacePatch(image, box);
  const toPicture = (shape: ArrayLike<number>) =>
    Array.from(shape, (value, i) => value * patch.scale + (i % 2 ? patch.top : patch.left));
  errors["usual place"]!.push(eyeError(toPicture(usual.start), truth));
  errors["image processing"]!.push(eyeError(toPicture(eyesByGradients(patch.levels, usual.start)), truth));
}

/** As five points, of which both corners of an eye are at its centre. */
function eyesByGradients(levels: Float32Array, start: Float32Array): number[] {
  const eye = (i: number): [number, number] => [
    (start[i]! + start[i + 2]!) / 2,
    (start[i + 1]! + start[i + 3]!) / 2,
  ];
  const reach = 0.35 * (eye(0)[0] - eye(4)[0]);
  const [right, left] = [eye(0), eye(4)].map((near) => findEyeCentre(levels, PATCH_SIDE, near, reach));
  return [...right!, ...right!, ...left!, ...left!, 0, 0];
}

async function* batches(folder: string, every: number): AsyncGenerator<PixelImage[]> {
  let batch: PixelImage[] = [];
  for (const [i, name] of (await readdir(folder)).sort().entries()) {
    if (i % every !== 0) continue;
    batch.push((await readPhotograph(join(folder, name))).image);
    if (batch.length === BATCH) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}

function percent(value: number): string {
  return `${(100 * value).toFixed(2)}%`;
}

function share(count: number): string {
  return percent(count / faces);
}
