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
import { BUILDS, compileDlib, type DlibAnswer, dlibAnswers, runDlib } from "./dlib-programs.ts";
import { encodeRecord } from "./picture-stream.ts";
import { PORTRAITS, type Portrait, portrait } from "./portraits.ts";

const program = compileDlib("portable");
const portraits = Array.from({ length: PORTRAITS }, (_, index) => portrait(index));
const levels = dlibAnswers<unknown>(program, ["levels"], records(portraits));
const faces = new Map<Portrait, unknown>();
for (const upsamplings of [0, 1]) {
  for (const threshold of [0, -1]) {
    const alike = portraits.filter((it) => it.upsamplings === upsamplings && it.threshold === threshold);
    const settings = [String(threshold), String(upsamplings)];
    const answers = dlibAnswers<DlibAnswer>(program, ["detect", ...settings], records(alike));
    for (const [i, it] of alike.entries()) faces.set(it, answers[i]!.faces);
  }
}
const rows = portraits.map((it, i) => {
  const sha256 = createHash("sha256").update(it.image.data).digest("hex");
  return JSON.stringify({ sha256, faces: faces.get(it), levels: levels[i] });
});

function records(of: readonly Portrait[]): Uint8Array[] {
  return of.map(({ image }) => encodeRecord(image));
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
