import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { PixelImage } from "@fer-bench/datasets";
import { createFaceDetector } from "@fer-bench/preprocess";
import { describe, expect, it } from "vitest";
import type { Size } from "../../packages/preprocess/src/detector/pyramid.ts";
import { createArena } from "../../packages/preprocess/src/detector/simd/arena.ts";
import { createKernels } from "../../packages/preprocess/src/detector/simd/kernels.ts";
import { resizePlanes } from "../../packages/preprocess/src/detector/simd/resizer.ts";
import { loadPlanes, takePlanes } from "../../packages/preprocess/src/detector/simd/walk-pyramid.ts";
import type { DlibFace } from "./dlib-programs.ts";
import { PORTRAITS, portrait } from "./portraits.ts";

interface Recorded {
  readonly sha256: string;
  readonly faces: readonly DlibFace[];
  /** Width, height, FNV-1a of the pixels. */
  readonly levels: readonly (readonly [number, number, number])[];
}

const recorded: { dlib: string; portraits: Recorded[] } = JSON.parse(
  readFileSync(new URL("portraits.json", import.meta.url), "utf8"),
);

describe("sixty portraits, recorded from dlib 19.24 (tools/dlib/record-portraits.ts)", () => {
  const portraits = Array.from({ length: PORTRAITS }, (_, index) => portrait(index));

  it("are rendered as they were", () => {
    expect(recorded.dlib).toBe("19.24.0");
    const sums = portraits.map(({ image }) => createHash("sha256").update(image.data).digest("hex"));
    expect(sums).toEqual(recorded.portraits.map(({ sha256 }) => sha256));
  });

  it("have the same image pyramid, to the last pixel", () => {
    for (const [i, { image }] of portraits.entries()) {
      const { levels } = recorded.portraits[i]!;
      const sizes = levels.map(([width, height]) => ({ width, height }));
      expect(pyramidHashes(image, sizes)).toEqual(levels.map(([, , hash]) => hash));
    }
  });

  it("show the same faces: boxes to the pixel, filters, scores within 0.0001", () => {
    let found = 0;
    for (const [i, { image, upsamplings, threshold }] of portraits.entries()) {
      const faces = createFaceDetector({ upsamplings, threshold }).detect(image);
      const expected = recorded.portraits[i]!.faces;
      const boxes = faces.map(({ x, y, width, height, detector }) => [x, y, width, height, detector]);
      expect(boxes, `portrait ${i}`).toEqual(expected.map(([x, y, w, h, , filter]) => [x, y, w, h, filter]));
      for (const [face, { score }] of faces.entries()) {
        expect(Math.abs(score - expected[face]![4])).toBeLessThan(1e-4);
      }
      found += faces.length;
    }
    expect(found).toBeGreaterThan(PORTRAITS);
  });
});

function pyramidHashes(image: PixelImage, sizes: readonly Size[]): number[] {
  const kernels = createKernels();
  const arena = createArena(kernels);
  let planes = loadPlanes(kernels, arena, image);
  return sizes.map((size, i) => {
    if (i > 0) {
      const out = takePlanes(arena, image.channels, size);
      resizePlanes(kernels, arena, planes, image.channels, sizes[i - 1]!, size, out);
      planes = out;
    }
    const pixels = size.width * size.height;
    return hash(arena.bytes(planes, pixels * image.channels), pixels);
  });
}

/** FNV-1a of the planes' bytes, channel after channel of a pixel. */
function hash(planes: Uint8Array, pixels: number): number {
  let sum = 2166136261;
  for (let pixel = 0; pixel < pixels; pixel++) {
    for (let at = pixel; at < planes.length; at += pixels) sum = Math.imul(sum ^ planes[at]!, 16777619);
  }
  return sum >>> 0;
}
