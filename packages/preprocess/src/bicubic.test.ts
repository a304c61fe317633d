import { readFileSync } from "node:fs";
import type { Box, PixelImage } from "@fer-bench/datasets";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Affine, resizeBicubic, warpBicubic } from "./bicubic.ts";
import { withChannels } from "./channels.ts";
import { chipTransform, cutChip, toChip } from "./face-chip.ts";

interface Encoded {
  width: number;
  height: number;
  channels: 1 | 3;
  data: string;
}

interface Fixture {
  resize: { image: Encoded; expected: Encoded }[];
  warp: { image: Encoded; box: Box; roll: number; transform: number[]; expected: Encoded }[];
  grey: { image: Encoded; expected: Encoded }[];
}

/** Recorded from OpenCV by tools/fixtures/opencv_bicubic.py. */
const fixture = JSON.parse(
  readFileSync(new URL("../test/opencv-bicubic.json", import.meta.url), "utf8"),
) as Fixture;

function decode({ width, height, channels, data }: Encoded): PixelImage {
  return { width, height, channels, data: new Uint8Array(Buffer.from(data, "base64")) };
}

function largestDifference(a: PixelImage, b: PixelImage): number {
  expect([a.width, a.height, a.channels]).toEqual([b.width, b.height, b.channels]);
  expect(a.data).toHaveLength(b.data.length);
  return a.data.reduce((most, value, i) => Math.max(most, Math.abs(value - b.data[i]!)), 0);
}

const images = fc
  .record({
    width: fc.integer({ min: 1, max: 20 }),
    height: fc.integer({ min: 1, max: 20 }),
    channels: fc.constantFrom(1 as const, 3 as const),
  })
  .chain(({ width, height, channels }) =>
    fc
      .uint8Array({ minLength: width * height * channels, maxLength: width * height * channels })
      .map((data): PixelImage => ({ width, height, channels, data: new Uint8Array(data) })),
  );
const sides = fc.integer({ min: 1, max: 24 });

describe("resizing", () => {
  it.each(fixture.resize)(
    "is OpenCV's within one level ($image.width x $image.height x $image.channels)",
    ({ image, expected }) => {
      const result = resizeBicubic(decode(image), expected.width, expected.height);
      expect(largestDifference(result, decode(expected))).toBeLessThanOrEqual(1);
    },
  );

  it("passes pictures of the same size through", () => {
    fc.assert(
      fc.property(images, (image) => {
        expect(resizeBicubic(image, image.width, image.height)).toEqual(image);
      }),
    );
  });

  it("keeps a constant picture constant", () => {
    fc.assert(
      fc.property(sides, sides, sides, sides, fc.integer({ min: 0, max: 255 }), (w, h, toW, toH, level) => {
        const image: PixelImage = {
          width: w,
          height: h,
          channels: 1,
          data: new Uint8Array(w * h).fill(level),
        };
        const { data } = resizeBicubic(image, toW, toH);
        expect(data).toEqual(new Uint8Array(toW * toH).fill(level));
      }),
    );
  });
});

describe("warping", () => {
  it.each(fixture.warp)(
    "is OpenCV's within one level ($box, roll $roll)",
    ({ image, transform, expected }) => {
      const result = warpBicubic(
        decode(image),
        transform as unknown as Affine,
        expected.width,
        expected.height,
      );
      expect(largestDifference(result, decode(expected))).toBeLessThanOrEqual(1);
    },
  );

  it("by the identity passes pictures through", () => {
    fc.assert(
      fc.property(images, (image) => {
        expect(warpBicubic(image, [1, 0, 0, 0, 1, 0], image.width, image.height)).toEqual(image);
      }),
    );
  });

  it("keeps a constant picture constant, wherever it looks", () => {
    const number = fc.double({ min: -50, max: 50, noNaN: true });
    fc.assert(
      fc.property(fc.tuple(number, number, number, number, number, number), sides, (map, side) => {
        const image: PixelImage = { width: 9, height: 7, channels: 3, data: new Uint8Array(189).fill(91) };
        expect(warpBicubic(image, map, side, 2).data).toEqual(new Uint8Array(side * 2 * 3).fill(91));
      }),
    );
  });
});

describe("chips", () => {
  it.each(fixture.warp)(
    "of a box are OpenCV's warp of it ($box, roll $roll)",
    ({ image, box, roll, expected }) => {
      const chip = cutChip(decode(image), { box, roll, found: "box" }, expected.width);
      expect(largestDifference(chip, decode(expected))).toBeLessThanOrEqual(1);
    },
  );

  it("of the whole picture are its resize, and the warp of it is too", () => {
    const { image } = fixture.resize.find(({ image }) => image.width === 60)!;
    const picture = decode(image);
    const face = { box: { left: 0, top: 0, width: 60, height: 60 }, found: "whole" };
    const resized = resizeBicubic(picture, 20, 20);
    expect(cutChip(picture, face, 20)).toEqual(resized);
    // A third of the size: every centre is a whole pixel, where rounding of coordinates does nothing.
    expect(warpBicubic(picture, chipTransform(face, 20), 20, 20)).toEqual(resized);
  });

  it("have their landmarks where the transform takes them from", () => {
    const number = fc.double({ min: 0, max: 100, noNaN: true });
    const side = fc.double({ min: 5, max: 100, noNaN: true });
    const roll = fc.double({ min: -3, max: 3, noNaN: true });
    fc.assert(
      fc.property(
        number,
        number,
        side,
        side,
        roll,
        number,
        number,
        (left, top, width, height, roll, x, y) => {
          const face = { box: { left, top, width, height }, roll, found: "box" };
          const [a, b, c, d, e, f] = chipTransform(face, 48);
          const [chipX, chipY] = toChip(Float32Array.of(x, y), face, 48);
          expect(a * chipX! + b * chipY! + c).toBeCloseTo(x, 3);
          expect(d * chipX! + e * chipY! + f).toBeCloseTo(y, 3);
        },
      ),
    );
  });
});

describe("channels", () => {
  it.each(fixture.grey)("become grey as in OpenCV", ({ image, expected }) => {
    expect(withChannels(decode(image), 1)).toEqual(decode(expected));
  });

  it("of grey are repeated, and come back", () => {
    fc.assert(
      fc.property(images, (image) => {
        const grey = withChannels(image, 1);
        expect(withChannels(withChannels(grey, 3), 1)).toEqual(grey);
      }),
    );
  });
});
