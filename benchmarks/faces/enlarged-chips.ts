/**
 * In how many pictures of a set that comes as chips a face is found, by how much they are enlarged for the search and what
 * border they are given; in how many the surest one is elsewhere than such a picture's face is (its middle more than a
 * fifth of the side from the picture's, or its box less than half as wide); and how much of the picture an aligned face
 * without padding takes, which says what padding makes a chip show as much as the picture did.
 *
 *   npx tsx --conditions=@fer-bench/source benchmarks/faces/enlarged-chips.ts [--set fer2013] [--every 120]
 *
 * Reads the set's finished preprocess stage, of pictures as they came ("kind": "whole").
 */
import { parseArgs } from "node:util";
import { openArtifact, openNpy } from "@fer-bench/artifacts";
import type { PixelImage } from "@fer-bench/datasets";
import { openFaceFinder } from "@fer-bench/preprocess";

const THRESHOLDS = [0, -0.25, -0.5, -0.75];
const WAYS = [
  { enlarge: 2, border: 0 },
  { enlarge: 3, border: 0 },
  { enlarge: 4, border: 0 },
  { enlarge: 3, border: 0.17 },
  { enlarge: 4, border: 0.17 },
  { enlarge: 3, border: 0.34 },
];

const { values } = parseArgs({
  options: { set: { type: "string", default: "fer2013" }, every: { type: "string", default: "120" } },
});
const pictures = await readPictures(values.set, Number(values.every));
console.log(
  `${pictures.length} pictures of ${values.set}; a face of so much found (elsewhere), % of pictures`,
);
console.log(`| enlarged | border | ${THRESHOLDS.join(" | ")} | aligned side, padding 0 |`);
console.log(`| --: | --: | ${THRESHOLDS.map(() => "--:").join(" | ")} | --: |`);
for (const { enlarge, border } of WAYS) {
  const { find } = await openFaceFinder({
    enlarge,
    border,
    padding: 0,
    faces: "all",
    threshold: Math.min(...THRESHOLDS),
  });
  const surest = pictures.flatMap((picture) => {
    const [face] = find(picture);
    if (face?.detected === undefined) return [];
    const { left, top, width, height } = face.detected;
    const away = Math.hypot(left + (width - picture.width) / 2, top + (height - picture.height) / 2);
    const isElsewhere = away > 0.2 * picture.width || width < 0.5 * picture.width;
    return { score: face.score!, isElsewhere, side: face.box.width / picture.width };
  });
  const percent = (some: readonly unknown[]): string => ((100 * some.length) / pictures.length).toFixed(1);
  const cells = THRESHOLDS.map((threshold) => {
    const found = surest.filter(({ score }) => score >= threshold);
    return `${percent(found)} (${percent(found.filter(({ isElsewhere }) => isElsewhere))})`;
  });
  const sides = surest
    .filter(({ score }) => score >= 0)
    .map(({ side }) => side)
    .sort((a, b) => a - b);
  const middle = sides[Math.floor(sides.length / 2)] ?? Number.NaN;
  console.log(`| ${enlarge} | ${border} | ${cells.join(" | ")} | ${middle.toFixed(2)} |`);
}

async function readPictures(set: string, every: number): Promise<PixelImage[]> {
  const stage = await openArtifact(`artifacts/datasets/${set}/preprocess`, "preprocess");
  const chips = await openNpy(stage.path("faces.npy"));
  const [count = 0, height = 0, width = 0, channels = 1] = chips.shape;
  const read: PixelImage[] = [];
  for (let index = 0; index < count; index += every) {
    const data = ((await chips.readRows(index, 1)) as Uint8Array).slice();
    read.push({ width, height, channels: channels as 1 | 3, data });
  }
  await chips.close();
  return read;
}
