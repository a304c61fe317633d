/**
 * How many faces of the rendered set the detector finds: an intersection over union of 0.6 and more with the set's own
 * face, forehead to chin and cheek to cheek. Fails where it is under 95%. Beside it, likewise, the square around the 68
 * landmarks that the set's chips are cut from, which begins at the brows.
 *
 *   npx tsx --conditions=@fer-bench/source benchmarks/faces/rendered-faces.ts [--every 10] [--upsamplings 0]
 */
import { parseArgs } from "node:util";
import { syntheticOptions } from "@fer-bench/dataset-synthetic";
import type { Box } from "@fer-bench/datasets";
import { createFaceDetector } from "@fer-bench/preprocess";
import { countSamples, planSamples, renderSample } from "../../packages/dataset-synthetic/src/plan.ts";
import { overlap, type Rectangle } from "./overlap.ts";

const { values } = parseArgs({
  options: {
    every: { type: "string", default: "10" },
    upsamplings: { type: "string", default: "0" },
  },
});
const every = Number(values.every);
const options = syntheticOptions.parse({});
const detector = createFaceDetector({ upsamplings: Number(values.upsamplings) });
const truths = ["faceBox", "box"] as const;
/** For each portrait and truth, the box that overlaps it most, if there is one. */
const pairs = { faceBox: [] as Pair[], box: [] as Pair[] };

interface Pair {
  readonly truth: Rectangle;
  readonly found: Rectangle | undefined;
}

process.stderr.write(`rendering ${Math.ceil(countSamples(options) / every)} portraits\n`);
let number = 0;
for (const sample of planSamples(options)) {
  if (number++ % every !== 0) continue;
  const { portrait } = renderSample(sample, options);
  const faces = detector.detect(portrait.image);
  for (const name of truths) {
    const truth = rectangle(portrait[name]);
    const [found] = [...faces].sort((a, b) => overlap(b, truth) - overlap(a, truth));
    pairs[name].push({ truth, found });
  }
}
const near = report("face", pairs.faceBox);
report("square around the landmarks", pairs.box);
if (!(near >= 0.95)) process.exitCode = 1;

function rectangle({ left, top, width, height }: Box): Rectangle {
  return { x: left, y: top, width, height };
}

/** Share of the portraits whose face was found well. */
function report(name: string, all: readonly Pair[]): number {
  const found = all.flatMap(({ truth, found }) => (found ? [{ truth, found }] : []));
  const shares = found.map(({ truth, found }) => overlap(truth, found)).sort((a, b) => a - b);
  const share = shares.filter((overlapping) => overlapping >= 0.6).length / all.length;
  const percent = (value: number): string => `${(100 * value).toFixed(1)}%`;
  console.log(
    `${name}: of ${all.length} found ${percent(found.length / all.length)}, IoU 0.6 and more ${percent(share)}, median ${shares[Math.floor(shares.length / 2)]?.toFixed(3)}`,
  );
  return share;
}
