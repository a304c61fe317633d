/**
 * Holds landmarks against dlib's own on photographs: dlib 19.24's detector and 68 points are the reference.
 *
 *   npx tsx --conditions=@fer-bench/source benchmarks/faces/landmarks.ts --photographs FOLDER_OR_ZIP
 *        [--predictor shape_predictor_68_face_landmarks.dat] [--every 1] [--first 0] [--face-api]
 *
 * Prints how many faces have every landmark as dlib has it from the same file, and how far the eyes are off, in
 * distances between them, by the five landmarks that fer-bench brings, by image processing, where eyes usually are, and
 * with --face-api by @vladmandic/face-api's networks of 68 points. Fails where a landmark from the same file is more
 * than a pixel off on over 0.5% of the faces, or ours are off by 5% and more on average.
 *
 * Needs g++ and libdlib-dev; Debian's libdlib-data has the predictor.
 */
import { parseArgs } from "node:util";
import type { Box, PixelImage } from "@fer-bench/datasets";
import { openLandmarks, withChannels } from "@fer-bench/preprocess";
import { cutFacePatch, PATCH_SIDE } from "../../packages/preprocess/src/landmarks/face-patch.ts";
import { readFivePoints } from "../../packages/preprocess/src/landmarks/five-points.ts";
import { cropPicture } from "../../tools/dlib/crop-picture.ts";
import { DEBIAN_LANDMARKS, type DlibLandmarks, startDlib } from "../../tools/dlib/dlib-programs.ts";
import { eyeError, FIVE_OF_68 } from "../../tools/landmarks/eye-error.ts";
import { openFaceApi } from "./face-api.ts";
import { findEyeCentre } from "./gradient-eyes.ts";
import { photographs } from "./photographs.ts";

const { values } = parseArgs({
  options: {
    photographs: { type: "string" },
    predictor: { type: "string", default: DEBIAN_LANDMARKS },
    every: { type: "string", default: "1" },
    first: { type: "string", default: "0" },
    "face-api": { type: "boolean", default: false },
  },
});
if (values.photographs === undefined) throw new Error("usage: landmarks.ts --photographs FOLDER_OR_ZIP");

/**
 * What face-api's landmarks are shown around dlib's box on each side, in its sides. Of 0, 0.1 and 0.2 it serves both
 * networks together best, on 109 faces (6.54% and 6.42% off; 6.50% and 7.11% without).
 */
const FACE_API_MARGIN = 0.1;

/** dlib's five points of the face in a box: corners of the eyes, and the nose, which does not count. */
type Finder = (image: PixelImage, box: Box) => ArrayLike<number> | Promise<ArrayLike<number>>;

const same = await openLandmarks(values.predictor);
const finders: Record<string, Finder> = {
  "five points": (await openLandmarks()).find,
  ...(await imageProcessing()),
  ...(values["face-api"] ? await faceApiLandmarks() : {}),
};
const errors = new Map(Object.keys(finders).map((name) => [name, [] as number[]]));
const seen = { photographs: 0, faces: 0, exact: 0, withinOne: 0 };
const dlib = startDlib<DlibLandmarks[]>("portable", ["landmarks", values.predictor]);
const [every, first] = [Number(values.every), Number(values.first)];
for await (const { image } of photographs(values.photographs, every, first)) {
  seen.photographs++;
  for (const face of await dlib.ask(image)) await compare(image, face);
}
dlib.close();

console.log(`${seen.faces} faces in ${seen.photographs} photographs`);
console.log(
  `every landmark as dlib's: ${share(seen.exact)} of faces; within 1 pixel: ${share(seen.withinOne)}`,
);
console.log("| eyes by | off by, mean | median | 90th percentile | over 10% |");
console.log("| :-- | --: | --: | --: | --: |");
for (const [name, list] of errors) {
  list.sort((a, b) => a - b);
  const at = (quantile: number) => percent(list[Math.floor(quantile * list.length)]!);
  const wide = share(list.filter((value) => value > 0.1).length);
  console.log(`| ${name} | ${percent(mean(list))} | ${at(0.5)} | ${at(0.9)} | ${wide} |`);
}
// No faces agree on nothing.
const good = seen.withinOne >= 0.995 * seen.faces && mean(errors.get("five points")!) < 0.05;
if (!good) process.exitCode = 1;

async function compare(image: PixelImage, { box: [left, top, width, height], points }: DlibLandmarks) {
  const box: Box = { left, top, width, height };
  const apart = same
    .find(image, box)
    .reduce((most, value, i) => Math.max(most, Math.abs(value - points[i]!)), 0);
  seen.faces++;
  if (apart === 0) seen.exact++;
  if (apart <= 1) seen.withinOne++;
  const truth = fiveOf(points);
  for (const [name, find] of Object.entries(finders)) {
    errors.get(name)!.push(eyeError(await find(image, box), truth));
  }
}

async function imageProcessing(): Promise<Record<string, Finder>> {
  const { start } = await readFivePoints();
  const inPatch =
    (find: (levels: Float32Array) => ArrayLike<number>): Finder =>
    (image, box) => {
      const { levels, scale, left, top } = cutFacePatch(image, box);
      return Array.from(find(levels), (value, i) => value * scale + (i % 2 ? top : left));
    };
  return {
    "image processing": inPatch((levels) => eyesByGradients(levels, start)),
    "the usual place": inPatch(() => start),
  };
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

async function faceApiLandmarks(): Promise<Record<string, Finder>> {
  const { faceApi, show } = await openFaceApi(["faceLandmark68Net", "faceLandmark68TinyNet"]);
  const asFinder =
    (network: typeof faceApi.nets.faceLandmark68Net): Finder =>
    async (image, box) => {
      const { picture, left, top } = cutOut(withChannels(image, 3), box, FACE_API_MARGIN);
      const { positions } = await show(picture, (tensor) => network.detectLandmarks(tensor));
      return fiveOf(positions.flatMap(({ x, y }) => [x + left, y + top]));
    };
  return {
    "face-api": asFinder(faceApi.nets.faceLandmark68Net),
    "face-api, tiny": asFinder(faceApi.nets.faceLandmark68TinyNet),
  };
}

/** The box in whole pixels with a margin on each side, as far as the picture goes. */
function cutOut(image: PixelImage, box: Box, margin: number) {
  const [across, down] = [Math.round(margin * box.width), Math.round(margin * box.height)];
  const left = Math.max(0, box.left - across);
  const top = Math.max(0, box.top - down);
  const width = Math.min(image.width, box.left + box.width + across) - left;
  const height = Math.min(image.height, box.top + box.height + down) - top;
  return { picture: cropPicture(image, { left, top, width, height }), left, top };
}

function fiveOf(points: ArrayLike<number>): number[] {
  return FIVE_OF_68.flatMap((i) => [points[2 * i]!, points[2 * i + 1]!]);
}

function mean(list: readonly number[]): number {
  return list.reduce((sum, value) => sum + value, 0) / list.length;
}

function percent(value: number): string {
  return `${(100 * value).toFixed(2)}%`;
}

function share(count: number): string {
  return percent(count / seen.faces);
}
