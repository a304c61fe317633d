import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findNearPairs } from "./find-near-pairs.ts";
import { findRepeats } from "./find-repeats.ts";
import { coefficients, countBits, hashesOf, pairsWithin } from "./perceptual-hash.ts";
import { CHANGES, grey, photograph } from "./pictures.test.helper.ts";
import { contrastOf, SIDE, thumbnail } from "./thumbnail.ts";

const thumbsOf = (count: number, from = 0): Uint8Array[] =>
  Array.from({ length: count }, (_, i) => thumbnail(photograph(from + i)));

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
    const { even, odd } = hashesOf([...thumbs, ...thumbs.map(mirrored)].map(coefficients));
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

describe("near duplicates", () => {
  const originals = thumbsOf(12);

  test("are none among different photographs, though coarsely alike", () => {
    expect(findNearPairs(thumbsOf(60, 100))).toEqual([]);
  });

  test.each(Object.keys(CHANGES))("are found when %s", async (name) => {
    const changed: Uint8Array[] = [];
    for (let seed = 0; seed < originals.length; seed++) {
      changed.push(thumbnail(await CHANGES[name]!(photograph(seed))));
    }
    const pairs = findNearPairs([...originals, ...changed]);
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
    const byHash = findNearPairs(many).map(({ a, b, ...rest }) => [a, b - 500, rest]);
    expect(byHash).toEqual(findNearPairs(few).map(({ a, b, ...rest }) => [a, b - 60, rest]));
    expect(byHash.length).toBe(60);
  });
});

test("repeats are grouped over exact and near copies; blank pictures only where their pixels are the same", async () => {
  const first = photograph(1);
  const lighter = await CHANGES["lightened and flattened"]!(first);
  const black = grey(48, () => 0);
  const almostBlack = grey(48, (x, y) => (x === y ? 3 : 0));
  const pictures = [first, photograph(2), lighter, black, lighter, almostBlack, black, photograph(3)];
  const keys = pictures.map((picture) => Buffer.from(picture.data).toString("hex"));
  const { groups, pairs, blank } = findRepeats(keys, pictures.map(thumbnail));
  expect([...groups]).toEqual([0, -1, 0, 1, 0, -1, 1, -1]);
  expect(pairs).toMatchObject([{ a: 0, b: 2, mirrored: false }]);
  expect(blank).toEqual(pictures.map((picture) => picture === black || picture === almostBlack));
});
