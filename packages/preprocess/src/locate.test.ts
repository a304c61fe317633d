import type { RawSample } from "@fer-bench/datasets";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FaceSettings, openLocator } from "./locate.ts";

const sample: RawSample = {
  id: "a",
  split: "train",
  label: "happy",
  path: "a.png",
  image: { width: 40, height: 30, channels: 1, data: new Uint8Array(1200) },
  box: { left: 10, top: 5, width: 10, height: 20 },
};

describe("whole", () => {
  it("takes the picture as the face", async () => {
    const faces = await (await openLocator({ kind: "whole" }, { size: 48 }))(sample);
    expect(faces).toEqual([{ box: { left: 0, top: 0, width: 40, height: 30 }, found: "whole" }]);
  });
});

describe("box", () => {
  it("squares the record's box and adds the margin on each side", async () => {
    const [face] = await (await openLocator({ kind: "box", margin: 0.1 }, { size: 48 }))(sample);
    expect(face).toEqual({ box: { left: 3, top: 3, width: 24, height: 24 }, found: "box" });
  });

  it("keeps the centre, whatever the margin", async () => {
    const number = fc.double({ min: 0.5, max: 1000, noNaN: true });
    const margins = fc.double({ min: -0.4, max: 2, noNaN: true });
    await fc.assert(
      fc.asyncProperty(number, number, number, number, margins, async (left, top, width, height, margin) => {
        const locate = await openLocator({ kind: "box", margin }, { size: 48 });
        const { box } = (await locate({ ...sample, box: { left, top, width, height } }))[0]!;
        expect(box.width).toBe(box.height);
        expect(box.width).toBeCloseTo(Math.max(width, height) * (1 + 2 * margin));
        expect(box.left + box.width / 2).toBeCloseTo(left + width / 2);
        expect(box.top + box.height / 2).toBeCloseTo(top + height / 2);
      }),
    );
  });

  it.each([
    ["missing", undefined],
    ["empty", { left: 1, top: 1, width: 0, height: 5 }],
    ["not finite", { left: Number.NaN, top: 1, width: 5, height: 5 }],
  ])("refuses a sample whose box is %s", async (_why, box) => {
    const { box: _box, ...rest } = sample;
    const locate = await openLocator({ kind: "box", margin: 0 }, { size: 48 });
    expect(() => locate(box ? { ...rest, box } : rest)).toThrow(
      expect.objectContaining({ code: "bad-data", file: "a.png", field: "box" }),
    );
  });
});

describe("settings", () => {
  it("have a margin of nothing unless told", () => {
    expect(FaceSettings.parse({ kind: "box" })).toEqual({ kind: "box", margin: 0 });
  });

  it.each([{ kind: "whole", margin: 0.1 }, { kind: "box", margin: "wide" }, { kind: "somewhere" }, {}])(
    "refuse %o",
    (settings) => {
      expect(FaceSettings.safeParse(settings).success).toBe(false);
    },
  );
});
