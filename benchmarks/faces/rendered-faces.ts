/**
 * How many faces of the rendered set the detector finds, held against the set's own boxes, squares around the 68
 * landmarks: intersection over union of 0.6 and more.
 *
 *   npx tsx --conditions=@fer-bench/source benchmarks/faces/rendered-faces.ts [--every 10] [--upsamplings 0]
 *        [--photographs FOLDER_OR_ZIP --landmarks shape_predictor_68_face_landmarks.dat]
 *
 * dlib's boxes are no squares around landmarks: they lie higher. How much, and how well the two agree where dlib itself
 * finds face and landmarks, is measured on photographs, if there are any (needs g++ and libdlib-dev; Debian's
 * libdlib-data has the landmarks).
 */
import { parseArgs } from "node:util";
import { syntheticOptions } from "@fer-bench/dataset-synthetic";
import { createFaceDetector } from "@fer-bench/preprocess";
import { countSamples, planSamples, renderSample } from "../../packages/dataset-synthetic/src/plan.ts";
import { startDlib } from "../../tools/dlib/dlib-faces.ts";
import { overlap, type Rectangle } from "./overlap.ts";
import { photographs } from "./photographs.ts";

/** Left, top and side of dlib's box, and of the square around the landmarks. */
type BoxAndSquare = readonly [number, number, number, number, number, number];

/** A face's box and the square around its landmarks. */
interface Pair {
  readonly box: Rectangle | undefined;
  readonly square: Rectangle;
}

const { values } = parseArgs({
  options: {
    every: { type: "string", default: "10" },
    upsamplings: { type: "string", default: "0" },
    photographs: { type: "string" },
    landmarks: { type: "string", default: "/usr/share/dlib/shape_predictor_68_face_landmarks.dat" },
  },
});

console.log("faces    found  IoU >= 0.6  the box's centre against the square's, and its side, in its sides");
report("rendered", rendered(Number(values.every), Number(values.upsamplings)));
if (values.photographs !== undefined) report("photographs", await photographed(values.photographs));

/** What the detector finds in every `every`-th picture of the rendered set: the box nearest to the truth. */
function rendered(every: number, upsamplings: number): Pair[] {
  const options = syntheticOptions.parse({});
  const detector = createFaceDetector({ upsamplings });
  process.stderr.write(`rendering ${Math.ceil(countSamples(options) / every)} portraits\n`);
  return [...planSamples(options)]
    .filter((_, i) => i % every === 0)
    .map((sample) => {
      const { box: truth, image } = renderSample(sample, options).portrait;
      const square = { x: truth.left, y: truth.top, width: truth.width, height: truth.height };
      const faces = detector.detect(image);
      const box = faces.sort((a, b) => overlap(b, square) - overlap(a, square))[0];
      return { box, square };
    });
}

/** dlib's own boxes and its own landmarks in them. */
async function photographed(path: string): Promise<Pair[]> {
  const dlib = startDlib<readonly BoxAndSquare[]>("portable", ["squares", values.landmarks]);
  const pairs: Pair[] = [];
  for await (const { image } of photographs(path, Number(values.every))) {
    for (const [x, y, width, left, top, side] of await dlib.ask(image)) {
      const box = { x, y, width, height: width };
      pairs.push({ box, square: { x: left, y: top, width: side, height: side } });
    }
  }
  dlib.close();
  return pairs;
}

function report(name: string, pairs: readonly Pair[]): void {
  const found = pairs.flatMap(({ box, square }) => (box ? [{ box, square }] : []));
  const near = found.filter(({ box, square }) => overlap(box, square) >= 0.6);
  const mean = (value: (box: Rectangle, square: Rectangle) => number): string =>
    (found.reduce((sum, { box, square }) => sum + value(box, square), 0) / found.length).toFixed(3);
  const percent = (part: readonly unknown[]): string => `${((100 * part.length) / pairs.length).toFixed(1)}%`;
  const across = mean((box, square) => (box.x + box.width / 2 - square.x - square.width / 2) / square.width);
  const down = mean((box, square) => (box.y + box.height / 2 - square.y - square.height / 2) / square.width);
  const side = mean((box, square) => box.width / square.width);
  console.log(`${pairs.length} ${name}  ${percent(found)}  ${percent(near)}  ${across}, ${down}; ${side}`);
}
