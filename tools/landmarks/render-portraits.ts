/**
 * Renders portraits with exact landmarks, varied further than the data set `synthetic`, for train-five-points.ts:
 *
 *     node --conditions=@fer-bench/source --import tsx tools/landmarks/render-portraits.ts \
 *       --out portraits.bin --count 6000 --first 0 --seed 6 [--turn DEGREES]
 *
 * With --turn heads look to the side, anywhere up to so far to the right and to the left. Every picture depends on the
 * seed and its own number only, so that parts can be rendered side by side.
 */

import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { parseArgs } from "node:util";
import { createRandom, deriveSeed, uniform } from "@fer-bench/artifacts";
import { drawIdentity, drawScene, perform, renderPortrait } from "@fer-bench/dataset-synthetic";
import { CANONICAL_LABELS } from "@fer-bench/datasets";
import { encodeRecord } from "../dlib/picture-stream.ts";
import { fivePointsOf } from "./eye-error.ts";

const { values } = parseArgs({
  options: {
    out: { type: "string" },
    count: { type: "string", default: "6000" },
    first: { type: "string", default: "0" },
    seed: { type: "string", default: "6" },
    size: { type: "string", default: "192" },
    turn: { type: "string" },
  },
});
const [count, first, seed, size] = [values.count, values.first, values.seed, values.size].map(Number) as [
  number,
  number,
  number,
  number,
];

const out = createWriteStream(values.out ?? "portraits.bin");
for (let number = first; number < first + count; number++) {
  const { image, landmarks } = portrait(number);
  const points = fivePointsOf(landmarks);
  if (!out.write(encodeRecord(image, points))) await once(out, "drain");
  if (number % 500 === 0) process.stderr.write(`${number}\n`);
}
out.end();

function portrait(number: number) {
  const random = createRandom(seed, "portrait", number);
  const person = drawIdentity(seed, number);
  const label = CANONICAL_LABELS[number % CANONICAL_LABELS.length]!;
  const { units } = perform(label, random, 0.2);
  const variation = 0.6 + 0.9 * random.next();
  const scene = drawScene(deriveSeed(seed, "scene", number), person, { size, variation, occlusion: 0.2 });
  if (values.turn === undefined) return renderPortrait(person, units, scene, size);
  const most = (Number(values.turn) * Math.PI) / 180;
  const yaw = uniform(createRandom(seed, "turn", number), -most, most);
  return renderPortrait(person, units, { ...scene, pose: { ...scene.pose, yaw } }, size);
}
