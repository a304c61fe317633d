import { countBits, type Hashes } from "./perceptual-hash.ts";

/*
 * Near pairs without looking at every pair. Two hashes of 64 bits that differ in at most 14 differ in at most 2 of some
 * fifth of these bits, for five times 3 are more than 14. So the pictures are put in order by each fifth of their hashes,
 * and a picture is held only against those whose fifth is its own but for up to two bits.
 */

const PARTS = 5;
/** Bits of a part, and so many words there are; the last part has a bit less. */
const WIDTH = 13;
const WORDS = 2 ** WIDTH;
/** The bits in which hashes may differ at most. */
export const MOST_BITS = 3 * PARTS - 1;

/** Every word with up to two bits set. */
const CHANGES = changesOf();

/** Calls `found` as `pairsWithin` does, in the same order, for a radius of at most `MOST_BITS`. */
export function pairsByParts(
  { even, odd }: Hashes,
  radius: number,
  found: (a: number, b: number, mirrored: boolean) => void,
  onRow: (row: number) => void = () => {},
): void {
  if (radius > MOST_BITS) throw new RangeError(`pairs are not found by parts within ${radius} bits`);
  const tables = Array.from({ length: PARTS }, (_, part) =>
    inOrder(even.length, (i) => partOf(even[i]!, odd[i]!, part)),
  );
  const others: number[] = [];
  for (let a = 0; a < even.length; a++) {
    others.length = 0;
    for (const mirrored of [false, true]) {
      const oddA = mirrored ? ~odd[a]! : odd[a]!;
      for (let part = 0; part < PARTS; part++) {
        const { starts, members } = tables[part]!;
        const own = partOf(even[a]!, oddA, part);
        for (const change of CHANGES) {
          const word = own ^ change;
          // Members ascend: those after a are at the end.
          for (let at = starts[word + 1]! - 1; at >= starts[word]!; at--) {
            const b = members[at]!;
            if (b <= a) break;
            const differing = countBits(even[a]! ^ even[b]!) + countBits(oddA ^ odd[b]!);
            if (differing <= radius && isFirst(even[a]! ^ even[b]!, oddA ^ odd[b]!, part)) {
              others.push(2 * b + (mirrored ? 1 : 0));
            }
          }
        }
      }
    }
    others.sort((one, other) => one - other);
    for (const other of others) found(a, other >> 1, other % 2 === 1);
    onRow(a);
  }
}

/** The even bits come first; the middle part has some of either. */
function partOf(even: number, odd: number, part: number): number {
  switch (part) {
    case 0:
      return even & 0x1fff;
    case 1:
      return (even >>> 13) & 0x1fff;
    case 2:
      return (even >>> 26) | ((odd & 0x7f) << 6);
    case 3:
      return (odd >>> 7) & 0x1fff;
    default:
      return odd >>> 20;
  }
}

/** Whether no part before this one leads to the pair, too: it is told of once. */
function isFirst(even: number, odd: number, part: number): boolean {
  for (let before = 0; before < part; before++) {
    if (countBits(partOf(even, odd, before)) <= 2) return false;
  }
  return true;
}

/** Numbers by their word: those of word w are members[starts[w]] to members[starts[w + 1] - 1], ascending. */
function inOrder(count: number, wordOf: (i: number) => number): { starts: Int32Array; members: Int32Array } {
  const starts = new Int32Array(WORDS + 1);
  for (let i = 0; i < count; i++) starts[wordOf(i) + 1]! += 1;
  for (let word = 0; word < WORDS; word++) starts[word + 1]! += starts[word]!;
  const next = starts.slice();
  const members = new Int32Array(count);
  for (let i = 0; i < count; i++) members[next[wordOf(i)]!++] = i;
  return { starts, members };
}

function changesOf(): Int32Array {
  const words = [0];
  for (let i = 0; i < WIDTH; i++) {
    words.push(1 << i);
    for (let j = 0; j < i; j++) words.push((1 << i) | (1 << j));
  }
  return Int32Array.from(words);
}
