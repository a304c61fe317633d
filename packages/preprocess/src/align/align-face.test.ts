import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chipTransform, cutChip, toChip } from "../face-chip.ts";
import { alignFace, DLIB_PADDING } from "./align-face.ts";
import { FIVE_POINTS } from "./face-shape.ts";

interface Alignment {
  size: number;
  padding: number;
  points: number[];
  /** From pixels of the chip to pixels of the picture. */
  map: number[];
  angle: number;
  /** Number of the picture that the points are on, where they are on one. */
  picture?: number;
}

interface Encoded {
  width: number;
  height: number;
  channels: 1 | 3;
  data: string;
}

const read = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../test/${name}`, import.meta.url), "utf8")) as unknown;
const bytes = (base64: string) => new Uint8Array(Buffer.from(base64, "base64"));

/** Recorded from libdlib by tools/fixtures/dlib_landmarks.ts. */
const { chips, pictures } = read("dlib-landmarks.json") as {
  chips: Alignment[];
  pictures: { image: Encoded }[];
};
/** Cut by OpenCV as libdlib aligned them, by tools/fixtures/opencv_chips.py. */
const { chips: cutByOpenCv } = read("opencv-chips.json") as { chips: string[] };

describe("aligning a face", () => {
  it("has the geometry of dlib's face chips, for 5 and 68 points, sizes and paddings", () => {
    expect(new Set(chips.map(({ points }) => points.length))).toEqual(new Set([10, 136]));
    for (const { size, padding, points, map, angle } of chips) {
      const face = alignFace(points, { size, padding });
      const transform = chipTransform({ ...face, found: "" }, size);
      for (const [i, value] of transform.entries()) expect(value).toBeCloseTo(map[i]!, 6);
      expect(face.roll).toBeCloseTo(angle, 9);
    }
  });

  it("gives chips that are OpenCV's within one level, where dlib aligns them: turned, in colour and grey", () => {
    const onPictures = chips.filter(({ picture }) => picture !== undefined);
    expect(onPictures).toHaveLength(cutByOpenCv.length);
    expect(Math.max(...onPictures.map(({ angle }) => Math.abs(angle)))).toBeGreaterThan(0.1);
    for (const [i, { size, padding, points, picture }] of onPictures.entries()) {
      const { data, ...shape } = pictures[picture!]!.image;
      const face = { ...alignFace(points, { size, padding }), found: "" };
      const chip = cutChip({ ...shape, data: bytes(data) }, face, size);
      const expected = bytes(cutByOpenCv[i]!);
      expect(chip.data).toHaveLength(expected.length);
      const differences = expected.map((level, at) => Math.abs(level - chip.data[at]!));
      expect(Math.max(...differences), `chip ${i}`).toBeLessThanOrEqual(1);
    }
  });

  it("brings an undistorted face upright wherever it is", () => {
    const turn = fc.double({ min: -3, max: 3, noNaN: true });
    const scale = fc.double({ min: 10, max: 900, noNaN: true });
    const shift = fc.double({ min: -500, max: 500, noNaN: true });
    fc.assert(
      fc.property(turn, scale, shift, shift, (roll, side, left, top) => {
        const [cos, sin] = [side * Math.cos(roll), side * Math.sin(roll)];
        const points = FIVE_POINTS.map((share, i) =>
          i % 2
            ? top + sin * FIVE_POINTS[i - 1]! + cos * share
            : left + cos * share - sin * FIVE_POINTS[i + 1]!,
        );
        const face = alignFace(points, { size: 48, padding: DLIB_PADDING });
        expect(Math.cos(face.roll - roll)).toBeCloseTo(1, 6);
        const upright = toChip(Float32Array.from(points), { ...face, found: "" }, 48);
        // Outer corners of the eyes, at one height.
        expect(Math.abs(upright[1]! - upright[5]!)).toBeLessThan(0.05);
        expect(upright[0]! - upright[4]!).toBeGreaterThan(20);
      }),
    );
  });

  it("moves the chip up along the face itself, by a share of the face's side", () => {
    const turn = fc.double({ min: -3, max: 3, noNaN: true });
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(turn, share, share, (roll, padding, lift) => {
        const [cos, sin] = [100 * Math.cos(roll), 100 * Math.sin(roll)];
        const points = FIVE_POINTS.map((at, i) =>
          i % 2 ? sin * FIVE_POINTS[i - 1]! + cos * at : cos * at - sin * FIVE_POINTS[i + 1]!,
        );
        const [low, high] = [0, lift].map((up) => {
          const face = alignFace(points, { size: 48, padding, lift: up });
          return { face, chip: toChip(Float32Array.from(points), { ...face, found: "" }, 48) };
        });
        expect(high!.face).toMatchObject({ roll: low!.face.roll });
        expect(high!.face.box.width).toBeCloseTo(low!.face.box.width, 6);
        for (const [i, position] of high!.chip.entries()) {
          // Points come lower in a chip that lies higher; one pixel is 1/47, as dlib's outermost pixel centres meet.
          const down = i % 2 === 0 ? 0 : (lift * 48) / (2 * padding + 1);
          expect(Math.abs(position - low!.chip[i]! - down)).toBeLessThan(0.02 * down + 1e-3);
        }
      }),
    );
  });

  it("says what it cannot align", () => {
    expect(() => alignFace([1, 2, 3, 4], { size: 48, padding: 0 })).toThrow("2 landmarks; 5 or 68");
    expect(() => alignFace(new Float32Array(10), { size: 48, padding: 0 })).toThrow("without extent");
  });
});
