import { type Progress, silent } from "@fer-bench/artifacts";
import { MOST_BITS, pairsByParts } from "./pairs-by-parts.ts";
import { coefficients, hashesOf, pairsWithin } from "./perceptual-hash.ts";
import { type Compared, createLikeness, type Likeness, SAME_PICTURE } from "./same-picture.ts";
import { contrastOf } from "./thumbnail.ts";
import type { Thumbnails } from "./thumbnail-list.ts";

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

/**
 * From so many pictures on, hashes may differ in fewer bits, and pairs are found by parts of them: the time of looking at
 * every two hashes, which grows with the square of their number, would be longer than that of all else.
 */
const MANY = 65_537;

/**
 * Pairs of thumbnails that show nearly the same picture, in order; each pair once, mirrored only if not as it is.
 *
 * @param options.many from how many on they are found by parts; 65,537 where absent
 */
export function findNearPairs(
  thumbs: Thumbnails,
  {
    progress = silent,
    task = "near duplicates",
    many = MANY,
  }: { progress?: Progress; task?: string; many?: number } = {},
): NearPair[] {
  const { length: count } = thumbs;
  const told = progress.start(task, count, "images");
  const picture = comparedOf(thumbs);
  const likeness = createLikeness();
  const pairs: NearPair[] = [];
  let first: { a: number; picture: Compared } | undefined;
  const look = (a: number, b: number, mirrored: boolean): void => {
    const last = pairs.at(-1);
    if (last?.a === a && last.b === b) return;
    if (first?.a !== a) first = { a, picture: kept(picture(a)) };
    const like = likeness(first.picture, picture(b), mirrored);
    if (like !== undefined && like.similarity >= SAME_PICTURE) pairs.push({ a, b, mirrored, ...like });
  };
  if (count <= FEW) everyPair(count, look);
  else {
    const hashes = hashesOf(count, (i) => coefficients(thumbs.at(i)));
    const onRow = (row: number) => told.update(row + 1, `${pairs.length} pairs`);
    if (count < many) pairsWithin(hashes, RADIUS, look, onRow);
    else pairsByParts(hashes, MOST_BITS, look, onRow);
  }
  told.end(`${pairs.length} pairs`);
  return pairs;
}

/** A picture for comparison; mean and deviation are worked out once. */
function comparedOf(thumbs: Thumbnails): (index: number) => Compared {
  const means = new Float64Array(thumbs.length);
  const deviations = new Float64Array(thumbs.length);
  for (let i = 0; i < thumbs.length; i++) {
    const { mean, deviation } = contrastOf(thumbs.at(i));
    means[i] = mean;
    deviations[i] = deviation;
  }
  return (i) => ({ thumb: thumbs.at(i), mean: means[i]!, deviation: deviations[i]! });
}

/** The same, in memory of its own. */
function kept({ thumb, mean, deviation }: Compared): Compared {
  return { thumb: thumb.slice(), mean, deviation };
}

function everyPair(count: number, look: (a: number, b: number, mirrored: boolean) => void): void {
  for (let a = 0; a < count; a++) {
    for (let b = a + 1; b < count; b++) {
      look(a, b, false);
      look(a, b, true);
    }
  }
}
