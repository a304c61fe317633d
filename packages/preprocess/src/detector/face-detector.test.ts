import { createRandom, randomInt } from "@fer-bench/artifacts";
import type { PixelImage } from "@fer-bench/datasets";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  createFaceDetector,
  type DetectedFace,
  detectorWith,
  type FaceDetectorOptions,
} from "./face-detector.ts";
import { faceFilters } from "./face-filters.ts";
import { plainSearch } from "./plain-search.test.helper.ts";

/** Smooth waves with some grain, so that there are edges of every direction. */
function picture(width: number, height: number, channels: 1 | 3, seed = 1): PixelImage {
  const random = createRandom("face-detector", seed);
  const data = new Uint8Array(width * height * channels);
  for (let i = 0; i < data.length; i++) {
    const pixel = Math.floor(i / channels);
    const [x, y] = [pixel % width, Math.floor(pixel / width)];
    const wave = Math.sin(0.11 * x + 0.9 * (i % channels)) * Math.cos(0.07 * y + seed) * 90;
    data[i] = 128 + wave + randomInt(random, 30);
  }
  return { width, height, channels, data };
}

function both(image: PixelImage, options: FaceDetectorOptions): [DetectedFace[], DetectedFace[]] {
  return [
    createFaceDetector(options).detect(image),
    detectorWith(plainSearch(faceFilters()), options).detect(image),
  ];
}

function expectSame([fast, plain]: [DetectedFace[], DetectedFace[]]): void {
  expect(fast.map(({ score, ...box }) => box)).toEqual(plain.map(({ score, ...box }) => box));
  for (const [i, { score }] of fast.entries()) expect(score).toBeCloseTo(plain[i]!.score, 4);
}

describe("the detector and its plain twin", () => {
  it("find the same in pictures of any size", () => {
    const sides = fc.integer({ min: 1, max: 110 });
    const channels = fc.constantFrom(1 as const, 3 as const);
    fc.assert(
      fc.property(sides, sides, channels, fc.nat(1000), (width, height, depth, seed) => {
        expectSame(both(picture(width, height, depth, seed), { threshold: -3 }));
      }),
      { numRuns: 15, seed: 6 },
    );
  });

  it("find the same in a picture of several tiles, and where it is enlarged", () => {
    const found = both(picture(290, 130, 3), { threshold: -2.6 });
    expect(found[1].length).toBeGreaterThan(3);
    expectSame(found);
    expectSame(both(picture(53, 70, 1), { threshold: -2.6, upsamplings: 1 }));
  });
});

describe("sizes at the edge", () => {
  const sizes = [
    [1, 1],
    [1, 90],
    [2, 30_000],
    [30_000, 2],
    [3, 3],
    [20, 20],
    [9_000, 30],
  ] as const;
  it.each(sizes)("%i x %i pixels: no crash, finite boxes", (width, height) => {
    for (const channels of [1, 3] as const) {
      for (const upsamplings of [0, 1]) {
        const faces = createFaceDetector({ threshold: -2, upsamplings }).detect(
          picture(width, height, channels),
        );
        for (const face of faces) expect(Object.values(face).every(Number.isFinite)).toBe(true);
      }
    }
  });

  it("has no faces in a picture of one colour", () => {
    const data = new Uint8Array(200 * 200 * 3).fill(90);
    expect(createFaceDetector().detect({ width: 200, height: 200, channels: 3, data })).toEqual([]);
  });

  it("works again after a picture that takes much memory", () => {
    const detector = createFaceDetector({ threshold: -2.6 });
    const small = picture(150, 140, 1);
    const before = detector.detect(small);
    const data = new Uint8Array(2_600 * 2_600 * 3);
    detector.detect({ width: 2_600, height: 2_600, channels: 3, data });
    expect(detector.detect(small)).toEqual(before);
  });

  it("refuses what is no picture", () => {
    const detector = createFaceDetector();
    for (const [width, height, length] of [
      [0, 5, 0],
      [Number.NaN, 4, 16],
      [4, 4, 15],
      [2.5, 4, 10],
    ] as const) {
      const image: PixelImage = { width, height, channels: 1, data: new Uint8Array(length) };
      expect(() => detector.detect(image)).toThrow(/pixels, 1 channels and/);
    }
  });
});

describe("settings", () => {
  const image = picture(240, 200, 1);
  const all = createFaceDetector({ threshold: -2.6 }).detect(image);

  it("a higher threshold keeps the surer boxes", () => {
    const surer = createFaceDetector({ threshold: -2.4 }).detect(image);
    expect(surer.length).toBeLessThan(all.length);
    expect(surer).toEqual(all.filter(({ score }) => score >= -2.4));
  });

  it("the surest come first, and no two overlap by more than dlib allows", () => {
    expect(all.map(({ score }) => score)).toEqual(all.map(({ score }) => score).sort((a, b) => b - a));
    const { intersectionOverUnion } = faceFilters().overlap;
    for (const a of all) {
      for (const b of all) {
        if (a === b) continue;
        const across = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
        const down = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
        const inner = Math.max(0, across) * Math.max(0, down);
        // dlib's union is the rectangle around both, which is not smaller.
        const outer =
          (Math.max(a.x + a.width, b.x + b.width) - Math.min(a.x, b.x)) *
          (Math.max(a.y + a.height, b.y + b.height) - Math.min(a.y, b.y));
        expect(inner / outer).toBeLessThanOrEqual(intersectionOverUnion);
      }
    }
  });

  it("no box is smaller than the smallest face", () => {
    for (const smallestFace of [60, 73, 74, 90, 120]) {
      const faces = createFaceDetector({ threshold: -2.6, smallestFace }).detect(image);
      for (const { width, height } of faces) {
        expect(Math.min(width, height)).toBeGreaterThanOrEqual(smallestFace);
      }
      if (smallestFace <= 73) expect(faces).toEqual(all);
    }
  });
});
