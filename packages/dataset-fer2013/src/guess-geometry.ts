import { HASH_REACH } from "./assign-rows.ts";
import { CLASSES, SIDE } from "./facts.ts";
import { emptyFingerprints, hashDistance } from "./fingerprints.ts";
import { type Grey, mirrored, resample, uncropped } from "./grey.ts";
import { perceptualHash } from "./perceptual-hash.ts";
import type { RowTable } from "./table.ts";

/** Images that are tried; a share of 5% is then far above the 1% in which unrelated faces meet by chance. */
export const TRIED = 256;
const SHARE = 0.05;
const LARGEST_BORDER = 6;

const GUESSES: readonly { words: string; undo: (face: Grey) => Grey }[] = [
  { words: "mirrored", undo: mirrored },
  ...Array.from({ length: LARGEST_BORDER }, (_, i) => ({
    words: `cropped, about ${i + 1} of ${SIDE} pixels off each side`,
    undo: (face: Grey) => uncropped(face, i + 1),
  })),
];

/**
 * What geometric change, undone, makes unknown images look like FER-2013's rows of their class: mirroring or a central
 * crop. Undefined if none does it to enough of them.
 */
export function guessGeometry(
  unknown: readonly { image: Grey; label: number }[],
  table: RowTable,
): string | undefined {
  const rowsOf = CLASSES.map((): number[] => []);
  for (let row = 0; row < table.count; row++) rowsOf[table.label[row]!]!.push(row);
  let best: { words: string; known: number } | undefined;
  for (const { words, undo } of GUESSES) {
    const known = unknown.filter(({ image, label }) => {
      const print = emptyFingerprints(1);
      const face = undo(resample(image, SIDE, SIDE));
      perceptualHash(face.data, print.hash, 0);
      return rowsOf[label]!.some((row) => hashDistance(print, 0, table.prints, row) <= HASH_REACH);
    }).length;
    if (known > (best?.known ?? 0)) best = { words, known };
  }
  if (best === undefined || best.known < SHARE * unknown.length) return undefined;
  return `${best.words} (undone, ${best.known} of ${unknown.length} tried look like FER-2013's)`;
}
