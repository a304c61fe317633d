/**
 * Our face detector next to those of @vladmandic/face-api (tiny and SSD MobileNet, on TensorFlow.js's WebAssembly
 * backend with SIMD) on the same photographs: on how many a face is found, and a picture's processor time.
 *
 *   npx tsx --conditions=@fer-bench/source benchmarks/faces/side-by-side.ts --photographs FOLDER_OR_ZIP [--every 10]
 *        [--border 0]
 *
 * face-api's detectors look for faces that have something around them: of a photograph that a face fills they find
 * little. `--border 0.5` gives every picture a grey margin of half its size on each side, for all detectors alike.
 */
import { parseArgs } from "node:util";
import type { PixelImage } from "@fer-bench/datasets";
import { createFaceDetector, withChannels } from "@fer-bench/preprocess";
import { cpuSeconds, median } from "../perf/measure.ts";
import { openFaceApi } from "./face-api.ts";
import { photographs } from "./photographs.ts";

const { values } = parseArgs({
  options: {
    photographs: { type: "string" },
    every: { type: "string", default: "10" },
    border: { type: "string", default: "0" },
  },
});
if (values.photographs === undefined) throw new Error("usage: side-by-side.ts --photographs FOLDER_OR_ZIP");

const detectors: Record<string, (image: PixelImage) => Promise<number>> = {
  ...ourDetectors(),
  ...(await faceApiDetectors()),
};
const results = Object.keys(detectors).map((name) => ({
  name,
  counts: [] as number[],
  times: [] as number[],
}));
for await (const { image } of photographs(values.photographs, Number(values.every))) {
  const picture = withBorder(withChannels(image, 3), Number(values.border));
  for (const { name, counts, times } of results) {
    const seconds = await cpuSeconds(async () => counts.push(await detectors[name]!(picture)));
    times.push(1000 * seconds);
  }
}
console.log("| detector | photographs | a face found | several | processor ms a picture, median |");
console.log("| :-- | --: | --: | --: | --: |");
for (const { name, counts, times } of results) {
  const share = (least: number): string =>
    `${((100 * counts.filter((count) => count >= least).length) / counts.length).toFixed(1)}%`;
  console.log(`| ${name} | ${counts.length} | ${share(1)} | ${share(2)} | ${median(times).toFixed(1)} |`);
}

function withBorder({ width, height, channels, data }: PixelImage, share: number): PixelImage {
  const [across, down] = [Math.round(share * width), Math.round(share * height)];
  const [wide, high] = [width + 2 * across, height + 2 * down];
  const out = new Uint8Array(wide * high * channels).fill(128);
  for (let row = 0; row < height; row++) {
    const from = row * width * channels;
    out.set(data.subarray(from, from + width * channels), ((row + down) * wide + across) * channels);
  }
  return { width: wide, height: high, channels, data: out };
}

function ourDetectors() {
  const plain = createFaceDetector();
  const enlarged = createFaceDetector({ upsamplings: 1 });
  return {
    "fer-bench": async (image: PixelImage) => plain.detect(image).length,
    "fer-bench, enlarged once": async (image: PixelImage) => enlarged.detect(image).length,
  };
}

async function faceApiDetectors() {
  const { faceApi, show } = await openFaceApi(["tinyFaceDetector", "ssdMobilenetv1"]);
  const withOptions = (options: object) => async (image: PixelImage) =>
    (await show(image, (picture) => faceApi.detectAllFaces(picture, options))).length;
  return {
    "face-api, tiny": withOptions(new faceApi.TinyFaceDetectorOptions()),
    "face-api, SSD MobileNet": withOptions(new faceApi.SsdMobilenetv1Options()),
  };
}
