import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeSafetensors } from "@fer-bench/artifacts";
import type { Box, PixelImage } from "@fer-bench/datasets";
import { describe, expect, it, onTestFinished } from "vitest";
import { readFivePoints } from "./five-points.ts";
import { openLandmarks } from "./open-landmarks.ts";

interface Picture {
  image: { width: number; height: number; channels: 1 | 3; data: string };
  faces: { box: [number, number, number, number] }[];
}

/** Portraits with boxes about the face; tools/landmarks/five-points.test.ts says how well the landmarks are found. */
const { pictures } = JSON.parse(
  readFileSync(new URL("../../test/dlib-landmarks.json", import.meta.url), "utf8"),
) as { pictures: Picture[] };

function portrait({ image: { data, ...size }, faces }: Picture): { image: PixelImage; box: Box } {
  const [left, top, width, height] = faces[0]!.box;
  const box = { left, top, width, height };
  return { image: { ...size, data: new Uint8Array(Buffer.from(data, "base64")) }, box };
}

/** Every pixel becomes factor x factor pixels; mirrored for a negative factor. */
function resampled({ width, height, channels, data }: PixelImage, factor: number): PixelImage {
  const size = Math.abs(factor);
  const large = new Uint8Array(width * height * channels * size * size);
  let at = 0;
  for (let y = 0; y < height * size; y++) {
    for (let x = 0; x < width * size; x++) {
      const column = Math.floor(x / size);
      const from = (Math.floor(y / size) * width + (factor < 0 ? width - 1 - column : column)) * channels;
      for (let channel = 0; channel < channels; channel++) large[at++] = data[from + channel]!;
    }
  }
  return { width: width * size, height: height * size, channels, data: large };
}

describe("the five landmarks that fer-bench brings", () => {
  it("are the same in a mirror", async () => {
    const { points, find } = await openLandmarks();
    expect(points).toBe(5);
    for (const { image, box } of pictures.map(portrait)) {
      const seen = find(image, box);
      const mirror = find(resampled(image, -1), { ...box, left: image.width - box.left - box.width });
      [2, 3, 0, 1, 4].forEach((other, i) => {
        expect(mirror[2 * i]).toBeCloseTo(image.width - 1 - seen[2 * other]!, 2);
        expect(mirror[2 * i + 1]).toBeCloseTo(seen[2 * other + 1]!, 2);
      });
    }
  });

  it("are in the same places of an enlarged picture", async () => {
    const { find } = await openLandmarks();
    for (const { image, box } of pictures.map(portrait)) {
      const [left, top, width, height] = [box.left, box.top, box.width, box.height].map((edge) => 3 * edge);
      const large = find(resampled(image, 3), { left, top, width, height } as Box);
      find(image, box).forEach((position, i) => {
        // A pixel's centre is in the middle of the three that it becomes.
        expect(Math.abs((large[i]! - 1) / 3 - position)).toBeLessThan(0.05 * box.width);
      });
    }
  });

  it("are somewhere whatever the picture and the box", async () => {
    const { find } = await openLandmarks();
    const flat: PixelImage = { width: 30, height: 20, channels: 1, data: new Uint8Array(600).fill(7) };
    for (const box of [
      { left: 0, top: 0, width: 30, height: 20 },
      { left: -500, top: 900, width: 40, height: 40 },
      { left: 3, top: 3, width: 0.5, height: 0.5 },
    ]) {
      expect(find(flat, box).every(Number.isFinite)).toBe(true);
    }
  });
});

it("a file without their numbers is refused", async () => {
  const folder = mkdtempSync(join(tmpdir(), "fer-bench-five-points-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "other.safetensors");
  const data = new Float32Array(10);
  writeFileSync(file, encodeSafetensors(new Map([["start", { dtype: "F32", shape: [10], data }]])));
  await expect(readFivePoints(file)).rejects.toMatchObject({ code: "bad-artifact", file, field: "stage.0" });
});
