/**
 * In how many pictures of a set that comes as chips faces are found, by how much they are enlarged before the search; and
 * how much of the picture an aligned face without padding takes.
 *
 *   npx tsx --conditions=@fer-bench/source benchmarks/faces/enlarged-chips.ts [--set fer2013] [--every 20]
 *        [--threshold 0]
 *
 * Reads the set's finished preprocess stage, of pictures as they came ("kind": "whole").
 */
import { parseArgs } from "node:util";
import { openArtifact, openNpy } from "@fer-bench/artifacts";
import type { PixelImage } from "@fer-bench/datasets";
import { openFaceFinder } from "@fer-bench/preprocess";

const { values } = parseArgs({
  options: {
    set: { type: "string", default: "fer2013" },
    every: { type: "string", default: "20" },
    threshold: { type: "string", default: "0" },
  },
});
const stage = await openArtifact(`artifacts/datasets/${values.set}/preprocess`, "preprocess");
const chips = await openNpy(stage.path("faces.npy"));
const [count = 0, side = 0, , channels = 1] = chips.shape;
const pictures: PixelImage[] = [];
for (let index = 0; index < count; index += Number(values.every)) {
  const data = (await chips.readRows(index, 1)) as Uint8Array;
  pictures.push({ width: side, height: side, channels: channels as 1 | 3, data: data.slice() });
}
await chips.close();

console.log(`${pictures.length} pictures of ${values.set}, score ${values.threshold} and more`);
console.log("enlarged  a face found  several  side of the aligned face, padding 0, in sides of the picture");
for (const enlarge of [2, 3, 4, 5, 6]) {
  const { find } = await openFaceFinder({ enlarge, padding: 0, threshold: Number(values.threshold) });
  const found = pictures.flatMap((picture) => find(picture));
  const several = found.filter(({ among }) => among > 1).length;
  const sides = found.map(({ box }) => box.width / side).sort((a, b) => a - b);
  const middle = (sides[Math.floor(sides.length / 2)] ?? Number.NaN).toFixed(3);
  const percent = (part: number): string => `${((100 * part) / pictures.length).toFixed(1)}%`;
  console.log(`${enlarge}         ${percent(found.length)}         ${percent(several)}     ${middle}`);
}
