import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cropped, face, mirrored, resized, savedAsJpeg } from "./copies.test.helper.ts";
import { PIXELS, SIDE } from "./facts.ts";
import {
  emptyFingerprints,
  enterFingerprint,
  hashDistance,
  permuted,
  squaredDistance,
} from "./fingerprints.ts";
import { resample, uncropped } from "./grey.ts";
import { picture } from "./small-set.test.helper.ts";

const SHA = "0123456789abcdef".repeat(4);

function printsOf(...faces: readonly Uint8Array[]) {
  const prints = emptyFingerprints(faces.length);
  for (const [i, pixels] of faces.entries()) enterFingerprint(prints, i, pixels, SHA);
  return prints;
}

function meanSquare(a: Uint8Array, b: Uint8Array): number {
  return a.reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0) / PIXELS;
}

test("the columns hold what they say", () => {
  const stripes = Uint8Array.from({ length: PIXELS }, (_, i) => (i % 2 === 0 ? 100 : 140));
  const prints = printsOf(stripes);
  expect([...prints.checksum]).toEqual([0x01234567, 0x89abcdef]);
  expect(prints.mean[0]! / 256).toBe(120);
  expect(prints.deviation[0]! / 256).toBe(20);
  expect(prints.detail[0]! / 32).toBe(80); // |4v - 2v - 2w| with v - w = 40
});

describe("the estimated distance", () => {
  test("is 0 between equal faces, and the mean's alone where all pixels are lighter by the same", () => {
    const one = picture("one").data.map((value) => Math.min(value, 200));
    const prints = printsOf(
      one,
      one,
      one.map((value) => value + 7),
    );
    expect(squaredDistance(prints, 0, prints, 1)).toBe(0);
    expect(squaredDistance(prints, 0, prints, 2)).toBeCloseTo(49, 1);
  });

  test("is that of a set of JPEGs, and about that of different pictures", async () => {
    const jpegs = { estimated: 0, actual: 0 };
    const others = { estimated: 0, actual: 0 };
    for (let n = 0; n < 150; n++) {
      const original = picture("a", n);
      const jpeg = (await savedAsJpeg(original, { quality: 75 })).grey.data;
      const other = picture("b", n).data;
      const prints = printsOf(original.data, jpeg, other);
      jpegs.estimated += squaredDistance(prints, 0, prints, 1);
      jpegs.actual += meanSquare(original.data, jpeg);
      others.estimated += squaredDistance(prints, 0, prints, 2);
      others.actual += meanSquare(original.data, other);
    }
    expect(Math.sqrt(jpegs.estimated / jpegs.actual)).toBeCloseTo(1, 1);
    expect(Math.sqrt(others.estimated / others.actual)).toBeGreaterThan(0.7);
    expect(Math.sqrt(others.estimated / others.actual)).toBeLessThan(1.3);
  });
});

describe("the perceptual hash", () => {
  test("does not change with the grey values, as long as their order stays", () => {
    const steps = fc.array(fc.nat(3), { minLength: 256, maxLength: 256 });
    fc.assert(
      fc.property(fc.nat(1000), steps, (seed, gaps) => {
        const dim = picture(seed).data.map((value) => value >> 2); // 64 levels, with room for the gaps
        const map: number[] = [];
        for (const gap of gaps.slice(0, 64)) map.push((map.at(-1) ?? -1) + 1 + gap);
        const prints = printsOf(
          dim,
          dim.map((value) => map[value]!),
        );
        expect(hashDistance(prints, 0, prints, 1)).toBe(0);
      }),
      { numRuns: 50 },
    );
  });

  test("changes little with JPEG and size, and much with the picture", async () => {
    for (let n = 0; n < 20; n++) {
      const original = picture("hash", n);
      const jpeg = (await savedAsJpeg(original, { quality: 75 })).grey.data;
      const large = resample(resized(original, 224, "linear"), SIDE, SIDE).data;
      const prints = printsOf(original.data, jpeg, large, picture("other", n).data, mirrored(original).data);
      expect(hashDistance(prints, 0, prints, 1)).toBeLessThanOrEqual(8);
      expect(hashDistance(prints, 0, prints, 2)).toBeLessThanOrEqual(8);
      expect(hashDistance(prints, 0, prints, 3)).toBeGreaterThan(8);
      expect(hashDistance(prints, 0, prints, 4)).toBeGreaterThan(8);
    }
  });

  test("comes back when a crop is undone", () => {
    const original = picture("crop");
    const copy = resized(cropped(original, 3), SIDE, "cubic");
    const prints = printsOf(original.data, copy.data, uncropped(copy, 3).data);
    expect(hashDistance(prints, 0, prints, 2)).toBeLessThan(hashDistance(prints, 0, prints, 1));
  });

  test("of a flat face is the same at every grey value", () => {
    const prints = printsOf(new Uint8Array(PIXELS), new Uint8Array(PIXELS).fill(200));
    expect(hashDistance(prints, 0, prints, 1)).toBe(0);
  });
});

test("permuted fingerprints go with their faces", () => {
  const faces = [0, 1, 2].map((n) => picture("p", n).data);
  expect(permuted(printsOf(...faces), [2, 0])).toEqual(printsOf(faces[2]!, faces[0]!));
});

test("resampling keeps a face of the same size, and a flat one at any", () => {
  const original = face(picture("r").data);
  expect(resample(original, SIDE, SIDE)).toBe(original);
  const flat = { width: 31, height: 70, data: new Uint8Array(31 * 70).fill(77) };
  expect(new Set(resample(flat, SIDE, SIDE).data)).toEqual(new Set([77]));
});
