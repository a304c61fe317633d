import { createRandom, randomInt } from "@fer-bench/artifacts";
import type { PixelImage } from "@fer-bench/datasets";
import { describe, expect, it } from "vitest";
import { PLANES, plainFeatures, plainOrientation, plainResize } from "../plain-search.test.helper.ts";
import { createArena } from "./arena.ts";
import { CELL_FLOATS, slotOfPlane } from "./feature-order.ts";
import { createKernels } from "./kernels.ts";
import { resizePlanes } from "./resizer.ts";
import { featureMap } from "./simd-search.ts";
import { loadPlanes, takePlanes } from "./walk-pyramid.ts";

function noise(width: number, height: number, channels: 1 | 3): PixelImage {
  const random = createRandom("kernels", width, height);
  const data = Uint8Array.from({ length: width * height * channels }, () => randomInt(random, 256));
  return { width, height, channels, data };
}

function started() {
  const kernels = createKernels();
  return { kernels, arena: createArena(kernels) };
}

describe("orientations", () => {
  it("are dlib's for every gradient of bytes", () => {
    const { kernels, arena } = started();
    const across = Int32Array.from({ length: 512 }, (_, i) => i - 256);
    const gradients = arena.take(4 * across.length);
    const slots = arena.take(4 * across.length);
    for (let down = -255; down <= 255; down++) {
      arena.integers(gradients, across.length).set(across.map((value) => (down << 16) | (value & 0xffff)));
      kernels.orientations(gradients, across.length, slots);
      const found = arena.integers(slots, across.length);
      for (let x = 1; x < across.length; x++) {
        // The nineteenth slot is the first once more; no gradient has no direction, and no length.
        if (found[x]! % 18 === plainOrientation(across[x]!, down) || (across[x] === 0 && down === 0))
          continue;
        expect.fail(`(${across[x]}, ${down}): ${found[x]}, not ${plainOrientation(across[x]!, down)}`);
      }
    }
  });
});

describe("resizing", () => {
  it.each([
    [61, 47, 50, 39],
    [61, 47, 124, 95],
    [1, 9, 4, 19],
    [12, 1, 10, 1],
    [3, 3, 2, 2],
    [2500, 5, 2083, 4],
  ])("%i x %i to %i x %i is the plain one's", (width, height, toWidth, toHeight) => {
    const { kernels, arena } = started();
    for (const channels of [1, 3] as const) {
      const image = noise(width, height, channels);
      const to = { width: toWidth, height: toHeight };
      const planes = takePlanes(arena, channels, to);
      resizePlanes(kernels, arena, loadPlanes(kernels, arena, image), channels, image, to, planes);
      const pixels = toWidth * toHeight;
      const bytes = arena.bytes(planes, pixels * channels);
      const interleaved = Uint8Array.from(
        bytes,
        (_, i) => bytes[(i % channels) * pixels + Math.floor(i / channels)]!,
      );
      expect(interleaved).toEqual(plainResize(image, to).data);
    }
  });
});

describe("features", () => {
  it.each([
    [83, 70],
    [84, 75],
    [24, 20],
    [21, 24],
    [97, 33],
  ])("of %i x %i pixels are the plain ones", (width, height) => {
    const { kernels, arena } = started();
    for (const channels of [1, 3] as const) {
      const image = noise(width, height, channels);
      const plain = plainFeatures(image);
      const map = featureMap(kernels, arena, loadPlanes(kernels, arena, image), channels, image)!;
      expect([map.width, map.height]).toEqual([plain.columns, plain.rows]);
      const cells = map.width * map.height;
      const fast = arena.floats(map.offset, cells * CELL_FLOATS);
      for (let plane = 0; plane < PLANES; plane++) {
        for (let cell = 0; cell < cells; cell++) {
          const value = fast[cell * CELL_FLOATS + slotOfPlane(plane)]!;
          expect(Math.abs(value - plain.data[plane * cells + cell]!)).toBeLessThan(1e-5);
        }
      }
    }
  });

  it("are none of pictures with fewer than three cells a side", () => {
    const { kernels, arena } = started();
    const image = noise(19, 40, 1);
    expect(featureMap(kernels, arena, loadPlanes(kernels, arena, image), 1, image)).toBeUndefined();
    expect(plainFeatures(image).data).toHaveLength(0);
  });
});
