import { type Progress, silent } from "@fer-bench/artifacts";
import { findNearPairs, type NearPair } from "./find-near-pairs.ts";
import { contrastOf } from "./thumbnail.ts";
import type { Thumbnails } from "./thumbnail-list.ts";

/** Pictures that a data set has more than once. */
export interface Repeats {
  /** By record: pictures that are the same, exactly or nearly, have a number in common; -1 where there is no other. */
  readonly groups: Int32Array;
  /** Nearly the same ones, between the first records of each exact picture. */
  readonly pairs: readonly NearPair[];
  /** By record: whether there is nothing to see. */
  readonly blank: readonly boolean[];
}

/**
 * Standard deviation of a thumbnail's grey levels below which it shows nothing. In FER-2013 14 images are below; the
 * darkest face has 9.
 */
const BLANK = 6;

/**
 * The repeats among the pictures of a data set. Blank ones count as repeats only where their pixels are the same: of
 * nothing, everything looks like a copy.
 *
 * @param pixels identifies the exact pixels of each record's picture
 * @param thumbs the pictures in the same order, as `thumbnail` makes them
 */
export function findRepeats(
  pixels: readonly string[],
  thumbs: Thumbnails,
  { progress = silent, task }: { progress?: Progress; task?: string } = {},
): Repeats {
  const blank = pixels.map((_, i) => contrastOf(thumbs.at(i)).deviation < BLANK);
  const joined = disjointSets(pixels.length);
  const firsts = new Map<string, number>();
  pixels.forEach((key, record) => {
    const first = firsts.get(key);
    if (first === undefined) firsts.set(key, record);
    else joined.join(first, record);
  });
  const looked = [...firsts.values()].filter((record) => !blank[record]);
  const found = findNearPairs(
    { length: looked.length, at: (i) => thumbs.at(looked[i]!) },
    { progress, ...(task !== undefined && { task }) },
  );
  const pairs = found.map((pair) => ({ ...pair, a: looked[pair.a]!, b: looked[pair.b]! }));
  for (const { a, b } of pairs) joined.join(a, b);
  return { groups: numbered(joined, pixels.length), pairs, blank };
}

/** Numbers the sets of more than one, in the order of their first members. */
function numbered({ rootOf }: DisjointSets, count: number): Int32Array {
  const sizes = new Map<number, number>();
  for (let i = 0; i < count; i++) sizes.set(rootOf(i), (sizes.get(rootOf(i)) ?? 0) + 1);
  const numbers = new Map<number, number>();
  const groups = new Int32Array(count).fill(-1);
  for (let i = 0; i < count; i++) {
    const root = rootOf(i);
    if (sizes.get(root) === 1) continue;
    if (!numbers.has(root)) numbers.set(root, numbers.size);
    groups[i] = numbers.get(root)!;
  }
  return groups;
}

interface DisjointSets {
  rootOf(member: number): number;
  join(a: number, b: number): void;
}

/** Union-find with path halving. */
function disjointSets(count: number): DisjointSets {
  const parents = Int32Array.from({ length: count }, (_, i) => i);
  const rootOf = (member: number): number => {
    let at = member;
    while (parents[at] !== at) {
      parents[at] = parents[parents[at]!]!;
      at = parents[at]!;
    }
    return at;
  };
  return {
    rootOf,
    join(a, b) {
      const [one, other] = [rootOf(a), rootOf(b)];
      // The earlier record stays the root, so that the order of joining does not matter.
      parents[Math.max(one, other)] = Math.min(one, other);
    },
  };
}
