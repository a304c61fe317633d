import { type Progress, silent } from "@fer-bench/artifacts";
import { coefficients, hashesOf, pairsWithin } from "./perceptual-hash.ts";
import { compared, createLikeness, type Likeness, SAME_PICTURE } from "./same-picture.ts";

/** Two pictures that are nearly the same. */
export interface NearPair extends Likeness {
  /** Places in the list of thumbnails, a < b. */
  readonly a: number;
  readonly b: number;
  readonly mirrored: boolean;
}

/** Bits in which the hashes of nearly the same pictures may differ; see packages/datasets/README.md for what it misses. */
const RADIUS = 16;

/** Up to so many pictures every pair is compared: they are too few to tell what is usual among them. */
const FEW = 512;

/** Pairs of thumbnails that show nearly the same picture, in order; each pair once, mirrored only if not as it is. */
export function findNearPairs(
  thumbs: readonly Uint8Array[],
  { progress = silent, task = "near duplicates" }: { progress?: Progress; task?: string } = {},
): NearPair[] {
  const told = progress.start(task, thumbs.length, "images");
  const pictures = thumbs.map(compared);
  const likeness = createLikeness();
  const pairs: NearPair[] = [];
  const look = (a: number, b: number, mirrored: boolean): void => {
    const last = pairs.at(-1);
    if (last?.a === a && last.b === b) return;
    const like = likeness(pictures[a]!, pictures[b]!, mirrored);
    if (like !== undefined && like.similarity >= SAME_PICTURE) pairs.push({ a, b, mirrored, ...like });
  };
  if (thumbs.length <= FEW) everyPair(thumbs.length, look);
  else {
    const hashes = hashesOf(thumbs.map(coefficients));
    pairsWithin(hashes, RADIUS, look, (row) => told.update(row + 1, `${pairs.length} pairs`));
  }
  told.end(`${pairs.length} pairs`);
  return pairs;
}

function everyPair(count: number, look: (a: number, b: number, mirrored: boolean) => void): void {
  for (let a = 0; a < count; a++) {
    for (let b = a + 1; b < count; b++) {
      look(a, b, false);
      look(a, b, true);
    }
  }
}
