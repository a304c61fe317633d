/**
 * Speed of the face detector on this machine, one core, next to dlib's own compiled with -O3 -march=native: rounds
 * alternate picture by picture, and each picture counts with its best round, in processor time. Also where our time goes,
 * and what the filters would take as a convolution by ONNX Runtime, and everything in the plain loops of the tests.
 *
 *   node --conditions=@fer-bench/source --import tsx benchmarks/perf/detector.bench.ts [--json]
 *        [--photographs FOLDER_OR_ZIP] [--images 20] [--rounds 5] [--channels 3]
 *
 * Without photographs the pictures are rendered portraits of 350x350 pixels. dlib needs g++ and libdlib-dev.
 */
import { cpus } from "node:os";
import { FerBenchError } from "@fer-bench/artifacts";
import type { PixelImage } from "@fer-bench/datasets";
import { OnnxGraph } from "@fer-bench/models";
import { createFaceDetector, withChannels } from "@fer-bench/preprocess";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { detectorWith } from "../../packages/preprocess/src/detector/face-detector.ts";
import { faceFilters } from "../../packages/preprocess/src/detector/face-filters.ts";
import { plainSearch } from "../../packages/preprocess/src/detector/plain-search.test.helper.ts";
import { pyramidLevels, type Size } from "../../packages/preprocess/src/detector/pyramid.ts";
import { createArena } from "../../packages/preprocess/src/detector/simd/arena.ts";
import { createKernels } from "../../packages/preprocess/src/detector/simd/kernels.ts";
import { featureMap } from "../../packages/preprocess/src/detector/simd/simd-search.ts";
import { walkPyramid } from "../../packages/preprocess/src/detector/simd/walk-pyramid.ts";
import { cellsOf } from "../../packages/preprocess/src/detector/window.ts";
import { type DlibAnswer, startDlib } from "../../tools/dlib/dlib-programs.ts";
import { portrait } from "../../tools/dlib/portraits.ts";
import { photographs } from "../faces/photographs.ts";
import { flags, numberFlag } from "./flags.ts";
import { cpuSeconds, peakMemoryMegabytes } from "./measure.ts";

const count = numberFlag("images", 20);
const rounds = numberFlag("rounds", 5);
const channels = flags.channels === "1" ? 1 : 3;
/** Plain loops take half a second a picture. */
const PLAIN_PICTURES = 2;

const pictures = await readPictures();
const detector = createFaceDetector();
const plain = detectorWith(plainSearch(faceFilters()), {});
const stages = stageTimes();
const convolution = await onnxConvolution();
const dlib = startedDlib();

const contestants: Record<string, (image: PixelImage) => Promise<number>> = {
  detector: (image) => cpuSeconds(async () => detector.detect(image)),
  pyramid: (image) => cpuSeconds(async () => stages.pyramid(image)),
  pyramidAndFeatures: (image) => cpuSeconds(async () => stages.features(image)),
  onnxFilters: (image) => convolution(image),
};
if (dlib) contestants.dlib = async (image) => (await dlib.ask(image)).cpuSeconds;

// The detector's first pictures are run by the engine's quick compiler.
for (const image of pictures) detector.detect(image);
const best = new Map(
  Object.keys(contestants).map((name) => [name, pictures.map(() => Number.POSITIVE_INFINITY)]),
);
for (let round = 0; round < rounds; round++) {
  for (const [i, image] of pictures.entries()) {
    for (const [name, run] of Object.entries(contestants)) {
      const times = best.get(name)!;
      times[i] = Math.min(times[i]!, await run(image));
    }
  }
}
dlib?.close();
const plainSeconds = await cpuSeconds(async () => {
  for (const image of pictures.slice(0, PLAIN_PICTURES)) plain.detect(image);
});

const milliseconds = (name: string): number => (1000 * sum(best.get(name)!)) / pictures.length;
const ours = milliseconds("detector");
const withFeatures = milliseconds("pyramidAndFeatures");
const result = {
  cpu: cpus()[0]?.model ?? "unknown",
  pictures: pictures.length,
  meanMegapixels: sum(pictures.map(({ width, height }) => width * height)) / pictures.length / 1e6,
  channels,
  rounds,
  /** Milliseconds of processor time a picture, each picture's best round. */
  detector: ours,
  ofThese: {
    pyramid: milliseconds("pyramid"),
    features: withFeatures - milliseconds("pyramid"),
    filters: ours - withFeatures,
  },
  onnxFilters: milliseconds("onnxFilters"),
  plain: (1000 * plainSeconds) / Math.min(PLAIN_PICTURES, pictures.length),
  dlib: dlib && milliseconds("dlib"),
  timesFasterThanDlib: dlib && milliseconds("dlib") / ours,
  peakMemoryMegabytes: peakMemoryMegabytes(),
};
process.stdout.write(flags.json ? `${JSON.stringify(result, null, 2)}\n` : table());

async function readPictures(): Promise<PixelImage[]> {
  if (flags.photographs === undefined) {
    return Array.from({ length: count }, (_, i) => withChannels(portrait(i, 350).image, channels));
  }
  const found: PixelImage[] = [];
  for await (const { image } of photographs(flags.photographs)) {
    found.push(withChannels(image, channels));
    if (found.length === count) break;
  }
  return found;
}

/** dlib's own detector, where it can be compiled. */
function startedDlib() {
  try {
    return startDlib<DlibAnswer>("native", ["detect"]);
  } catch (error) {
    if (!(error instanceof FerBenchError) || error.code !== "unavailable") throw error;
    process.stderr.write(`without dlib: ${error.message.split("\n")[0]}\n${error.remedy}\n`);
    return undefined;
  }
}

/** The detector's first steps by themselves. */
function stageTimes() {
  const kernels = createKernels();
  const arena = createArena(kernels);
  const walk = (image: PixelImage, visit: (planes: number, level: Size) => void): void =>
    walkPyramid(kernels, arena, image, { upsamplings: 0, smallest: faceFilters().smallestLevel }, visit);
  return {
    pyramid: (image: PixelImage) => walk(image, () => {}),
    features: (image: PixelImage) =>
      walk(image, (planes, level) => {
        const mark = arena.mark();
        featureMap(kernels, arena, planes, image.channels, level);
        arena.release(mark);
      }),
  };
}

function levelsOf(image: Size): Size[] {
  return pyramidLevels(image, faceFilters().smallestLevel);
}

/** Processor seconds that ONNX Runtime takes for the filters of a picture's levels, on one thread. */
async function onnxConvolution() {
  const { filters, planes, rows, columns } = faceFilters();
  const graph = new OnnxGraph("filters");
  const input = graph.input("features", "float32", [1, planes, "height", "width"]);
  const weights = Float32Array.from(filters.flatMap((filter) => [...filter.weights]));
  const kernel = graph.floats(weights, [filters.length, planes, rows, columns], "kernel");
  const answers = graph.node("Conv", [input, kernel], { pads: [4, 4, 5, 5] });
  graph.output("answers", answers, "float32", [1, filters.length, "height", "width"]);
  const session = await InferenceSession.create(graph.toBytes(), {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
  });
  return async (image: PixelImage): Promise<number> => {
    const maps = levelsOf(image)
      .map(({ width, height }) => [cellsOf(height) - 2, cellsOf(width) - 2] as const)
      .filter(([height, width]) => height > 0 && width > 0)
      .map(([height, width]) => {
        const data = new Float32Array(planes * height * width).fill(0.1);
        return new Tensor("float32", data, [1, planes, height, width]);
      });
    return cpuSeconds(async () => {
      for (const features of maps) await session.run({ features });
    });
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function table(): string {
  const row = (name: string, value: number | undefined, note = "") =>
    `${name.padEnd(44)}${(value?.toFixed(2) ?? "—").padStart(9)}  ${note}`.trimEnd();
  const { ofThese } = result;
  return [
    `${result.pictures} pictures of ${result.meanMegapixels.toFixed(3)} megapixels, ${channels} channels, processor ms a picture`,
    result.cpu,
    row("detector", result.detector),
    row("  image pyramid", ofThese.pyramid),
    row("  gradients, histograms, features", ofThese.features),
    row("  filters, by Fourier transforms", ofThese.filters, "and boxes"),
    row("filters as ONNX Runtime's convolution", result.onnxFilters, "one thread"),
    row("everything in plain loops", result.plain),
    row("dlib, -O3 -march=native", result.dlib),
    row("times faster than dlib", result.timesFasterThanDlib),
    `peak memory ${result.peakMemoryMegabytes.toFixed(0)} MB`,
    "",
  ].join("\n");
}
