/**
 * Our face detector next to dlib's own on photographs: on how many pictures they find the same number of faces, how far
 * matched boxes and scores are apart. Fails where it is less than asked: the same number on 99.5% of the pictures, every
 * matched box with an intersection over union of 0.95, scores within 0.02.
 *
 *   npx tsx --conditions=@fer-bench/source benchmarks/faces/dlib-agreement.ts --photographs FOLDER_OR_ZIP
 *        [--every 1] [--grey] [--upsamplings 0] [--build portable|native]
 *
 * Needs g++ and libdlib-dev. `native` is dlib with -O3 -march=native, whose fused multiply-adds cut some pixels of the
 * pyramid off a level lower than `portable`, dlib by IEEE arithmetic.
 */
import { parseArgs } from "node:util";
import { createFaceDetector, withChannels } from "@fer-bench/preprocess";
import { BUILDS, type Build, type DlibAnswer, startDlib } from "../../tools/dlib/dlib-programs.ts";
import { overlap, type Rectangle } from "./overlap.ts";
import { photographs } from "./photographs.ts";

const { values } = parseArgs({
  options: {
    photographs: { type: "string" },
    every: { type: "string", default: "1" },
    grey: { type: "boolean", default: false },
    upsamplings: { type: "string", default: "0" },
    build: { type: "string", default: "portable" },
  },
});
if (values.photographs === undefined || !(values.build in BUILDS)) {
  throw new Error("usage: dlib-agreement.ts --photographs FOLDER_OR_ZIP [--build portable|native]");
}

const upsamplings = Number(values.upsamplings);
const detector = createFaceDetector({ upsamplings });
const dlib = startDlib<DlibAnswer>(values.build as Build, ["detect", 0, upsamplings]);
const seen = { pictures: 0, sameCount: 0, faces: 0, dlibFaces: 0, matched: 0, unmatched: 0, sameBox: 0 };
let [leastOverlap, greatestDifference] = [1, 0];
for await (const { name, image } of photographs(values.photographs, Number(values.every))) {
  const picture = values.grey ? withChannels(image, 1) : image;
  const { faces: theirs } = await dlib.ask(picture);
  const ours = detector.detect(picture);
  seen.pictures++;
  seen.faces += ours.length;
  seen.dlibFaces += theirs.length;
  if (ours.length === theirs.length) seen.sameCount++;
  else console.log(`${name}: ${ours.length} faces, dlib ${theirs.length}`);
  for (const [x, y, width, height, score] of theirs) {
    const { face, share } = best(ours, { x, y, width, height });
    if (!face || share < 0.5) {
      if (ours.length === theirs.length) seen.unmatched++;
      continue;
    }
    seen.matched++;
    if (share === 1) seen.sameBox++;
    leastOverlap = Math.min(leastOverlap, share);
    greatestDifference = Math.max(greatestDifference, Math.abs(face.score - score));
  }
}
dlib.close();

const sameCount = seen.sameCount / seen.pictures;
console.log(
  JSON.stringify(
    {
      build: values.build,
      grey: values.grey,
      upsamplings,
      ...seen,
      sameCount,
      leastOverlap,
      greatestDifference,
    },
    null,
    2,
  ),
);
// No pictures agree on nothing.
const agrees =
  sameCount >= 0.995 && seen.unmatched === 0 && leastOverlap >= 0.95 && greatestDifference <= 0.02;
if (!agrees) process.exitCode = 1;

function best<T extends Rectangle>(faces: readonly T[], box: Rectangle) {
  let [face, share]: [T | undefined, number] = [undefined, 0];
  for (const candidate of faces) {
    const value = overlap(candidate, box);
    if (value > share) [face, share] = [candidate, value];
  }
  return { face, share };
}
