import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRandom, randomInt } from "@fer-bench/artifacts";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findNearPairs } from "./find-near-pairs.ts";
import { findRepeats } from "./find-repeats.ts";
import { MOST_BITS, pairsByParts } from "./pairs-by-parts.ts";
import { coefficients, countBits, hashesOf, pairsWithin } from "./perceptual-hash.ts";
import { CHANGES, grey, photograph } from "./pictures.test.helper.ts";
import { contrastOf, SIDE, thumbnail } from "./thumbnail.ts";
import { createThumbnailList, type Thumbnails } from "./thumbnail-list.ts";

const thumbsOf = (count: number, from = 0): Uint8Array[] =>
  Array.from({ length: count }, (_, i) => thumbnail(photograph(from + i)));

const listOf = (thumbs: readonly Uint8Array[]): Thumbnails => ({
  length: thumbs.length,
  at: (i) => thumbs[i]!,
});

const mirrored = (thumb: Uint8Array): Uint8Array =>
  thumb.map((_, i) => thumb[i - (i % SIDE) + SIDE - 1 - (i % SIDE)]!);

describe("a thumbnail", () => {
  test("of twice its size has the means of two by two", () => {
    const picture = grey(2 * SIDE, (x, y) => (7 * x + 13 * y) % 256);
    const at = (x: number, y: number) => picture.data[y * 2 * SIDE + x]!;
    const expected = Uint8Array.from({ length: SIDE * SIDE }, (_, i) => {
      const [x, y] = [2 * (i % SIDE), 2 * Math.floor(i / SIDE)];
      return Math.round((at(x, y) + at(x + 1, y) + at(x, y + 1) + at(x + 1, y + 1)) / 4);
    });
    expect(thumbnail(picture)).toEqual(expected);
  });

  test("of any size keeps the mean", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 90 }), fc.integer({ min: 1, max: 90 }), (width, height) => {
        const data = Uint8Array.from({ length: width * height }, (_, i) => (i * 37) % 251);
        const mean = data.reduce((a, b) => a + b, 0) / data.length;
        const thumb = thumbnail({ width, height, channels: 1, data });
        expect(contrastOf(thumb).mean).toBeCloseTo(mean, 0);
      }),
      { numRuns: 40, seed: 1 },
    );
  });

  test("of a coloured picture has its luma", () => {
    const data = Uint8Array.from({ length: 3 * 100 }, (_, i) => [200, 100, 50][i % 3]!);
    expect(new Set(thumbnail({ width: 10, height: 10, channels: 3, data }))).toEqual(new Set([124]));
  });
});

describe("the hash", () => {
  test("of a mirror image has its odd bits inverted and the others as they are", () => {
    const thumbs = thumbsOf(40);
    const all = [...thumbs, ...thumbs.map(mirrored)];
    const { even, odd } = hashesOf(all.length, (i) => coefficients(all[i]!));
    for (let i = 0; i < thumbs.length; i++) {
      expect(countBits(even[i]! ^ even[i + thumbs.length]!)).toBeLessThanOrEqual(1);
      expect(countBits(odd[i]! ^ odd[i + thumbs.length]!)).toBeGreaterThanOrEqual(31);
    }
  });

  test("pairs are those that counting bit by bit finds", () => {
    const bits = (word: number) => [...(word >>> 0).toString(2)].filter((digit) => digit === "1").length;
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer(), fc.integer()), { minLength: 2, maxLength: 30 }),
        fc.integer({ min: 0, max: 40 }),
        (words, radius) => {
          const hashes = {
            even: Int32Array.from(words, ([even]) => even),
            odd: Int32Array.from(words, ([, odd]) => odd),
          };
          const found: unknown[] = [];
          pairsWithin(hashes, radius, (...pair) => found.push(pair));
          const expected: unknown[] = [];
          for (let a = 0; a < words.length; a++) {
            for (let b = a + 1; b < words.length; b++) {
              const same = bits(hashes.even[a]! ^ hashes.even[b]!);
              if (same + bits(hashes.odd[a]! ^ hashes.odd[b]!) <= radius) expected.push([a, b, false]);
              if (same + bits(hashes.odd[a]! ^ ~hashes.odd[b]!) <= radius) expected.push([a, b, true]);
            }
          }
          expect(found).toEqual(expected);
        },
      ),
      { numRuns: 50, seed: 2 },
    );
  });
});

test("pairs found by parts of the hashes are those of looking at every two, in the same order", () => {
  const random = createRandom("pairs by parts");
  const word = () => randomInt(random, 2 ** 32) | 0;
  const even = Int32Array.from({ length: 3000 }, word);
  const odd = Int32Array.from({ length: 3000 }, word);
  // Random words are far apart: every third is near the one before, as it is or mirrored.
  for (let i = 2; i < even.length; i += 3) {
    even[i] = even[i - 1]!;
    odd[i] = i % 2 === 0 ? odd[i - 1]! : ~odd[i - 1]!;
    for (let flips = randomInt(random, 18); flips > 0; flips--) {
      (flips % 2 === 0 ? even : odd)[i]! ^= 1 << randomInt(random, 32);
    }
  }
  const pairs = (find: typeof pairsWithin, radius: number) => {
    const found: unknown[] = [];
    find({ even, odd }, radius, (...pair) => found.push(pair));
    return found;
  };
  for (const radius of [0, 5, MOST_BITS]) {
    expect(pairs(pairsByParts, radius)).toEqual(pairs(pairsWithin, radius));
  }
  expect(pairs(pairsByParts, MOST_BITS).length).toBeGreaterThan(500);
  expect(() => pairs(pairsByParts, MOST_BITS + 1)).toThrow(RangeError);
});

test("thumbnails that are more than memory holds are read from a file, which goes", async () => {
  const dir = await mkdtemp(join(tmpdir(), "fer-bench-thumbnails-"));
  const file = join(dir, ".thumbnails");
  const thumbs = thumbsOf(150);
  const list = createThumbnailList(file, { held: 10 });
  for (const thumb of thumbs) list.append(thumb.slice());
  expect(list.length).toBe(150);
  expect(existsSync(file)).toBe(true);
  for (const i of [149, 0, 9, 10, 73, 74, 137, 138, 50, 11])
    expect(Uint8Array.from(list.at(i))).toEqual(thumbs[i]);
  // Of a pair, both are to be had at once.
  expect([list.at(20), list.at(90)].map((thumb) => Uint8Array.from(thumb))).toEqual([thumbs[20], thumbs[90]]);
  list.close();
  expect(await readdir(dir)).toEqual([]);
  await rm(dir, { recursive: true });
});

describe("near duplicates", () => {
  const originals = thumbsOf(12);

  test("are none among different photographs, though coarsely alike", () => {
    expect(findNearPairs(listOf(thumbsOf(60, 100)))).toEqual([]);
  });

  test.each(Object.keys(CHANGES))("are found when %s", async (name) => {
    const changed: Uint8Array[] = [];
    for (let seed = 0; seed < originals.length; seed++) {
      changed.push(thumbnail(await CHANGES[name]!(photograph(seed))));
    }
    const pairs = findNearPairs(listOf([...originals, ...changed]));
    expect(pairs.map(({ a, b, mirrored }) => [a, b, mirrored])).toEqual(
      originals.map((_, i) => [i, i + originals.length, name === "mirrored"]),
    );
  });

  test("are the same by hash, among many, as by looking at every pair", async () => {
    const names = Object.keys(CHANGES);
    const some: Uint8Array[] = [];
    for (let seed = 0; seed < 60; seed++) {
      some.push(thumbnail(await CHANGES[names[seed % names.length]!]!(photograph(seed))));
    }
    const many = [...thumbsOf(500), ...some];
    const few = [...many.slice(0, 60), ...some];
    const byHash = findNearPairs(listOf(many)).map(({ a, b, ...rest }) => [a, b - 500, rest]);
    expect(byHash).toEqual(findNearPairs(listOf(few)).map(({ a, b, ...rest }) => [a, b - 60, rest]));
    expect(byHash.length).toBe(60);
    // By parts, some are missed whose hashes differ much, and no other is found.
    const byParts = findNearPairs(listOf(many), { many: 513 }).map(({ a, b, ...rest }) => [a, b - 500, rest]);
    expect(byHash).toEqual(expect.arrayContaining(byParts));
    expect(byParts.length).toBeGreaterThan(45);
  });
});

test("repeats are grouped over exact and near copies; blank pictures only where their pixels are the same", async () => {
  const first = photograph(1);
  const lighter = await CHANGES["lightened and flattened"]!(first);
  const black = grey(48, () => 0);
  const almostBlack = grey(48, (x, y) => (x === y ? 3 : 0));
  const pictures = [first, photograph(2), lighter, black, lighter, almostBlack, black, photograph(3)];
  const keys = pictures.map((picture) => Buffer.from(picture.data).toString("hex"));
  const { groups, pairs, blank } = findRepeats(keys, listOf(pictures.map(thumbnail)));
  expect([...groups]).toEqual([0, -1, 0, 1, 0, -1, 1, -1]);
  expect(pairs).toMatchObject([{ a: 0, b: 2, mirrored: false }]);
  expect(blank).toEqual(pictures.map((picture) => picture === black || picture === almostBlack));
});
