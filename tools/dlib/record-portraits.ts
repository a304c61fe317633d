/**
 * Writes tools/dlib/portraits.json: what dlib's frontal face detector finds in sixty rendered portraits, and the pixels
 * of its image pyramid. Recorded with Debian 12's g++ 12.2 and libdlib-dev 19.24.
 *
 *   npx tsx --conditions=@fer-bench/source tools/dlib/record-portraits.ts
 *
 * The portraits themselves are rendered again by whoever reads the file; `sha256` is of their pixels.
 */
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import type { PixelImage } from "@fer-bench/datasets";
import { BUILDS, compileDlib, runDlib } from "./dlib-faces.ts";
import { PORTRAITS, type Portrait, portrait } from "./portraits.ts";

const program = compileDlib("portable");
const portraits = Array.from({ length: PORTRAITS }, (_, index) => portrait(index));
const levels = lines(runDlib(program, ["levels"], images(portraits)));
const faces = new Map<Portrait, unknown>();
for (const upsamplings of [0, 1]) {
  for (const threshold of [0, -1]) {
    const alike = portraits.filter((it) => it.upsamplings === upsamplings && it.threshold === threshold);
    const answers = lines(
      runDlib(program, ["detect", String(threshold), String(upsamplings)], images(alike)),
    );
    for (const [i, it] of alike.entries()) faces.set(it, answers[i].faces);
  }
}
const rows = portraits.map((it, i) => {
  const sha256 = createHash("sha256").update(it.image.data).digest("hex");
  return JSON.stringify({ sha256, faces: faces.get(it), levels: levels[i] });
});

function images(of: readonly Portrait[]): PixelImage[] {
  return of.map(({ image }) => image);
}

function lines(text: string) {
  return text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

writeFileSync(
  new URL("portraits.json", import.meta.url),
  `{
"dlib": ${JSON.stringify(JSON.parse(runDlib(program, ["filters"], [])).dlib)},
"flags": ${JSON.stringify(BUILDS.portable.join(" "))},
"portraits": [
${rows.join(",\n")}
]
}
`,
);
