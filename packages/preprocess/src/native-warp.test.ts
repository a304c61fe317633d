import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PixelImage } from "@fer-bench/datasets";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cutChip } from "./face-chip.ts";
import { openNativeWarp } from "./native-warp.ts";
import { portraits, scaledTo } from "./portraits.test.helper.ts";

describe("a native OpenCV that is not there", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "native-warp-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it("is named, with what installs it", () => {
    expect(() => openNativeWarp(folder)).toThrow(
      expect.objectContaining({
        code: "unavailable",
        message: "@u4/opencv4nodejs is not installed",
        remedy: expect.stringMatching(/libopencv-dev.* npm install @u4\/opencv4nodejs; or use warpBicubic$/),
      }),
    );
  });

  it("is told from one that was not built", async () => {
    const modules = join(folder, "node_modules/@u4");
    await mkdir(join(modules, "opencv4nodejs"), { recursive: true });
    await mkdir(join(modules, "opencv-build"));
    await writeFile(join(modules, "opencv-build/index.js"), "exports.Log = {};");
    await writeFile(
      join(modules, "opencv4nodejs/index.js"),
      'require("./build/Release/opencv4nodejs.node");',
    );
    expect(() => openNativeWarp(folder)).toThrow(
      expect.objectContaining({
        code: "unavailable",
        message: expect.stringMatching(
          /^@u4\/opencv4nodejs cannot be loaded: .*build\/Release\/opencv4nodejs\.node/,
        ),
        remedy: expect.stringContaining("npm rebuild @u4/opencv4nodejs"),
      }),
    );
  });
});

/** A folder into which the peer was installed; it takes minutes to compile, so no machine is required to have it. */
const from = process.env.FER_BENCH_OPENCV4NODEJS;

describe.skipIf(from === undefined)(
  `a native OpenCV${from === undefined ? " (FER_BENCH_OPENCV4NODEJS does not name a folder with @u4/opencv4nodejs)" : ""}`,
  () => {
    const turned = portraits.flatMap((portrait, i) =>
      [72, 150, 231].map((side, j) => ({
        picture: scaledTo(portrait, side),
        // Some boxes reach beyond the picture.
        box: { left: side * (0.3 * j - 0.15), top: side * 0.11, width: side * 0.7, height: side * 0.7 },
        roll: 0.37 * (i - 2) + 0.11 * j,
      })),
    );

    it("cuts the chips of turned faces, grey and in colour, within one level of this package's", () => {
      const warp = openNativeWarp(from);
      expect(new Set(portraits.map(({ channels }) => channels))).toEqual(new Set([1, 3]));
      for (const { picture, box, roll } of turned) {
        for (const size of [48, 112]) {
          const face = { box, roll, found: "box" };
          expectNear(cutChip(picture, face, size, warp), cutChip(picture, face, size));
        }
      }
    });

    it("takes pictures that are views of larger buffers, and leaves them as they are", () => {
      const warp = openNativeWarp(from);
      const data = Uint8Array.from({ length: 60 }, (_, i) => 4 * i);
      const view: PixelImage = { width: 6, height: 4, channels: 1, data: data.subarray(12, 36) };
      expect(warp(view, [1, 0, 0, 0, 1, 0], 6, 4)).toEqual({ ...view, data: view.data.slice() });
      expect(warp(view, [1, 0, 1, 0, 1, 1], 2, 2).data).toEqual(Uint8Array.of(76, 80, 100, 104));
      expect(data).toEqual(Uint8Array.from({ length: 60 }, (_, i) => 4 * i));
    });
  },
);

function expectNear(a: PixelImage, b: PixelImage): void {
  expect({ ...a, data: a.data.length }).toEqual({ ...b, data: b.data.length });
  const most = a.data.reduce((max, value, i) => Math.max(max, Math.abs(value - b.data[i]!)), 0);
  expect(most).toBeLessThanOrEqual(1);
}
