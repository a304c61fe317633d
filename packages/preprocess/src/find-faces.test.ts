import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Box, PixelImage } from "@fer-bench/datasets";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { warpBicubic } from "./bicubic.ts";
import { cutChip } from "./face-chip.ts";
import { type FaceFinder, type FoundFace, openFaceFinder } from "./find-faces.ts";
import { openLandmarks } from "./landmarks/open-landmarks.ts";
import { collage, portraits, scaledTo } from "./portraits.test.helper.ts";

const [first, , second] = portraits as [PixelImage, PixelImage, PixelImage];
const flat: PixelImage = { width: 90, height: 60, channels: 1, data: new Uint8Array(5400).fill(90) };

const middleOf = ({ left, top, width, height }: Box): [number, number] => [
  left + width / 2,
  top + height / 2,
];

describe("a face", () => {
  let finder: FaceFinder;
  beforeAll(async () => {
    finder = await openFaceFinder();
  });

  it("has a box, a score, landmarks, and the square that makes it upright", () => {
    const [face, ...others] = finder.find(scaledTo(first, 216)) as [FoundFace];
    expect(others).toEqual([]);
    expect(face).toMatchObject({ found: "detected", among: 1 });
    expect(face.score).toBeGreaterThan(0);
    expect(face.landmarks).toHaveLength(10);
    // Between the eyes and above the nose, by dlib's mean face.
    const [x, y] = middleOf(face.detected!);
    const [noseX, noseY] = face.landmarks!.slice(8);
    expect(Math.abs(noseX! - x)).toBeLessThan(0.15 * face.detected!.width);
    expect(Math.abs(noseY! - y)).toBeLessThan(0.25 * face.detected!.width);
  });

  it("is upright in its chip however the head is turned in the picture", () => {
    const picture = scaledTo(first, 216);
    const upright = finder.find(picture)[0]!;
    for (const angle of [-0.15, 0.15]) {
      const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
      const middle = 107.5;
      // From the turned picture's pixels to the picture's.
      const shift = middle * (1 - cos);
      const turned = warpBicubic(
        picture,
        [cos, sin, shift - sin * middle, -sin, cos, shift + sin * middle],
        216,
        216,
      );
      const face = finder.find(turned)[0]!;
      expect(face.roll! - upright.roll!).toBeCloseTo(angle, 1);
      expect(difference(cutChip(turned, face, 48), cutChip(picture, upright, 48))).toBeLessThan(12);
    }
  });

  it("has dlib's landmarks where their file is named", async () => {
    const file = fileURLToPath(new URL("../test/dlib-five-points.dat", import.meta.url));
    const picture = scaledTo(first, 216);
    const face = (await openFaceFinder({ landmarks: file })).find(picture)[0]!;
    expect(face.landmarks).toEqual((await openLandmarks(file)).find(picture, face.detected!));
    expect(face.landmarks).not.toEqual(finder.find(picture)[0]!.landmarks);
  });

  it("shows as much around it as the padding says", async () => {
    const picture = scaledTo(first, 216);
    const [tight, wide] = await Promise.all(
      [0, 0.5].map(async (padding) => (await openFaceFinder({ padding })).find(picture)[0]!),
    );
    expect(wide!.box.width / tight!.box.width).toBeCloseTo(2, 1);
    expect(wide!.roll).toBeCloseTo(tight!.roll!, 6);
  });
});

describe("several faces", () => {
  const large = { image: scaledTo(first, 180), left: 300, top: 10 };
  const small = { image: scaledTo(second, 150), left: 110, top: 40 };
  const picture = collage(490, 210, [large, small]);
  const isIn = (face: FoundFace, { image, left, top }: typeof large): boolean => {
    const [x, y] = middleOf(face.detected!);
    return x > left && x < left + image.width && y > top && y < top + image.height;
  };

  it("are one by the policy, or all", async () => {
    const [largest] = (await openFaceFinder()).find(picture) as [FoundFace];
    expect([isIn(largest, large), largest.among]).toEqual([true, 2]);
    const [central] = (await openFaceFinder({ faces: "central" })).find(picture) as [FoundFace];
    expect([isIn(central, small), central.among]).toEqual([true, 2]);
    const all = (await openFaceFinder({ faces: "all" })).find(picture);
    expect(all.map((face) => [isIn(face, large), isIn(face, small)])).toEqual(
      expect.arrayContaining([
        [true, false],
        [false, true],
      ]),
    );
    expect(all).toHaveLength(2);
    expect(all[0]!.score).toBeGreaterThanOrEqual(all[1]!.score!);
  });

  it("of no interest are those smaller than the smallest", async () => {
    const sides = (await openFaceFinder({ faces: "all" }))
      .find(picture)
      .map(({ detected }) => detected!.width);
    const smallestFace = (Math.min(...sides) + Math.max(...sides)) / 2;
    expect((await openFaceFinder({ faces: "all", smallestFace })).find(picture)).toHaveLength(1);
  });
});

describe("a picture in which no face is found", () => {
  it("is searched at twice the size, if wanted, and that is said", async () => {
    const picture = scaledTo(first, 108);
    expect((await openFaceFinder()).find(picture)).toEqual([]);
    const [face] = (await openFaceFinder({ mostUpsamplings: 2 })).find(picture) as [FoundFace];
    const [asked] = (await openFaceFinder({ upsamplings: 1 })).find(picture) as [FoundFace];
    expect(face).toEqual({ ...asked, found: "detected-upsampled" });
    expect(asked.found).toBe("detected");
  });

  it("is dropped, or stands for a face", async () => {
    expect((await openFaceFinder({ mostUpsamplings: 1 })).find(flat)).toEqual([]);
    const whole = { left: 0, top: 0, width: 90, height: 60 };
    expect((await openFaceFinder({ ifNone: "whole" })).find(flat)).toEqual([
      { box: whole, found: "whole-image", among: 0 },
    ]);
  });
});

it("pictures that are chips are searched enlarged, and cut from as they are", async () => {
  const [inEnlarged] = (await openFaceFinder()).find(scaledTo(first, 216)) as [FoundFace];
  const [face] = (await openFaceFinder({ enlarge: 3 })).find(first) as [FoundFace];
  expect(face.roll).toBe(inEnlarged.roll);
  for (const side of ["left", "top", "width", "height"] as const) {
    expect(face.box[side]).toBeCloseTo(inEnlarged.box[side] / 3, 9);
    expect(face.detected![side]).toBeCloseTo(inEnlarged.detected![side] / 3, 9);
  }
  // Both have the same place, of which the pixels' centres are at whole numbers.
  face.landmarks!.forEach((position, i) => {
    expect(position).toBeCloseTo((inEnlarged.landmarks![i]! + 0.5) / 3 - 0.5, 4);
  });
  expect(difference(cutChip(first, face, 48), cutChip(scaledTo(first, 216), inEnlarged, 48))).toBeLessThan(4);
});

it("pictures that a face fills are given room, and the face's place is that in the picture", async () => {
  const picture = scaledTo(first, 216);
  const [face] = (await openFaceFinder()).find(picture) as [FoundFace];
  const around = 24;
  const { left, top, width, height } = face.detected!;
  const [x, y, wide, high] = [left, top, width, height].map(Math.round) as [number, number, number, number];
  const filled = warpBicubic(picture, [1, 0, x, 0, 1, y], wide, high);
  const border = around / Math.max(wide, high);
  const [found] = (await openFaceFinder({ border })).find(filled) as [FoundFace];
  expect(Math.abs(found.detected!.left)).toBeLessThan(0.15 * wide);
  expect(Math.abs(found.detected!.top)).toBeLessThan(0.15 * wide);
  found.landmarks!.forEach((position, i) => {
    expect(Math.abs(position + (i % 2 ? y : x) - face.landmarks![i]!)).toBeLessThan(0.08 * wide);
  });
});

it("landmarks that dlib aligns no face by are refused", async () => {
  const folder = mkdtempSync(join(tmpdir(), "fer-bench-find-faces-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "three.dat");
  // As dlib serializes them: version, a mean shape of 6 x 1 zeros, and neither forests nor anchors nor offsets.
  const number = (value: number): number[] => [value < 0 ? 0x81 : 1, Math.abs(value)];
  writeFileSync(file, Uint8Array.from([1, -6, -1, ...new Array(12).fill(0), 0, 0, 0].flatMap(number)));
  await expect(openFaceFinder({ landmarks: file })).rejects.toMatchObject({
    code: "bad-data",
    message: expect.stringContaining("3 landmarks"),
    file,
  });
});

/** Mean of what levels differ by. */
function difference(a: PixelImage, b: PixelImage): number {
  return a.data.reduce((sum, level, i) => sum + Math.abs(level - b.data[i]!), 0) / a.data.length;
}
