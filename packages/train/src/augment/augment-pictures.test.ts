import { readFileSync } from "node:fs";
import type { PixelImage } from "@fer-bench/datasets";
import type { Affine } from "@fer-bench/preprocess";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createPictureAugmenter, mixRows } from "./augment-pictures.mjs";
import { plainPicture } from "./plain-augment.test.helper.ts";
import { PLAN } from "./plan-layout.mjs";
import { type Placement, placementMap, type Rectangle, type SamplePlan, writePlan } from "./sample-plan.ts";

interface Recorded {
  size: number;
  channels: 1 | 3;
  picture: string;
}

/** Recorded from OpenCV and torchvision by tools/fixtures/augmentation.py. */
const fixture = JSON.parse(
  readFileSync(new URL("../../test/augmentation.json", import.meta.url), "utf8"),
) as {
  placements: (Recorded & { placement: Placement; border: "edge" | number; expected: string })[];
  colours: (Recorded & { brightness: number; contrast: number; expected: number[] })[];
};

const IDENTITY: Affine = [1, 0, 0, 0, 1, 0];
const UNCHANGED: SamplePlan = {
  map: IDENTITY,
  brightness: 1,
  contrast: 1,
  erase: { left: 0, top: 0, width: 0, height: 0 },
  share: 1,
};

function bytes(base64: string): Uint8Array {
  return new Uint8Array(Buffer.from(base64, "base64"));
}

function rowOf(plan: SamplePlan): Float64Array {
  const row = new Float64Array(PLAN.length);
  writePlan(plan, 0, row);
  return row;
}

function augment(
  picture: PixelImage,
  plan: Partial<SamplePlan>,
  { border = "edge", fill = "mean" }: { border?: "edge" | number; fill?: "mean" | number } = {},
): Uint8Array {
  const settings = { size: picture.width, channels: picture.channels as 1 | 3, border, fill };
  const result = new Uint8Array(picture.data.length);
  createPictureAugmenter(settings)(picture.data, rowOf({ ...UNCHANGED, ...plan }), result);
  return result;
}

function square({ size, channels, picture }: Recorded): PixelImage {
  return { width: size, height: size, channels, data: bytes(picture) };
}

const pictures = fc
  .record({ size: fc.integer({ min: 2, max: 12 }), channels: fc.constantFrom(1 as const, 3 as const) })
  .chain(({ size, channels }) => {
    const length = size * size * channels;
    return fc
      .uint8Array({ minLength: length, maxLength: length })
      .map((data): PixelImage => ({ width: size, height: size, channels, data: new Uint8Array(data) }));
  });
const between = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const placements: fc.Arbitrary<Placement> = fc.record({
  flip: fc.boolean(),
  degrees: fc.oneof(fc.constantFrom(0, 90, 180), between(-180, 180)),
  scale: fc.oneof(fc.constant(1), between(0.2, 5)),
  shift: fc.tuple(fc.oneof(fc.integer({ min: -14, max: 14 }), between(-14, 14)), between(-14, 14)),
});
const factors = fc.oneof(fc.constant(1), between(0, 2));
const levels = fc.integer({ min: 0, max: 255 });
const within = (size: number): fc.Arbitrary<Rectangle> => {
  const place = fc.integer({ min: 0, max: size - 1 });
  return fc.tuple(place, place, place, place).map(([x, y, right, bottom]) => ({
    left: Math.min(x, right),
    top: Math.min(y, bottom),
    width: Math.abs(x - right),
    height: Math.abs(y - bottom),
  }));
};

describe("placing a picture", () => {
  it.each(fixture.placements)("is OpenCV's within one level ($placement, border $border)", (recorded) => {
    const map = placementMap(recorded.placement, recorded.size);
    const result = augment(square(recorded), { map }, recorded);
    const expected = bytes(recorded.expected);
    expect(result).toHaveLength(expected.length);
    const largest = result.reduce((most, level, i) => Math.max(most, Math.abs(level - expected[i]!)), 0);
    expect(largest).toBeLessThanOrEqual(1);
  });

  it("nowhere else leaves every byte", () => {
    const nowhereIn = ({ width }: { width: number }) =>
      placementMap({ flip: false, degrees: 0, scale: 1, shift: [0, 0] }, width);
    // Plus 0: a zero's sign is of no account.
    expect(nowhereIn({ width: 48 }).map((number) => number + 0)).toEqual(IDENTITY);
    fc.assert(
      fc.property(pictures, (picture) => {
        expect(augment(picture, { map: nowhereIn(picture) })).toEqual(picture.data);
      }),
    );
  });

  it("mirrored twice is where it was", () => {
    fc.assert(
      fc.property(pictures, (picture) => {
        const { width, channels } = picture;
        const map = placementMap({ flip: true, degrees: 0, scale: 1, shift: [0, 0] }, width);
        const mirrored = augment(picture, { map });
        const row = (data: Uint8Array, x: number) => data.subarray(x * channels, (x + 1) * channels);
        for (let x = 0; x < width; x++) {
          expect(row(mirrored, x)).toEqual(row(picture.data, width - 1 - x));
        }
        expect(augment({ ...picture, data: mirrored }, { map })).toEqual(picture.data);
      }),
    );
  });

  it("out of sight leaves the border alone", () => {
    fc.assert(
      fc.property(pictures, levels, (picture, border) => {
        const map = placementMap({ flip: false, degrees: 0, scale: 1, shift: [40, 0] }, picture.width);
        expect(augment(picture, { map }, { border })).toEqual(picture.data.slice().fill(border));
      }),
    );
  });
});

describe("colours", () => {
  it.each(fixture.colours)(
    "are torchvision's, rounded (brightness $brightness, contrast $contrast, $channels channels)",
    (recorded) => {
      const result = augment(square(recorded), recorded);
      recorded.expected.forEach((level, i) => {
        // The mean's luma has weights of three digits there, of five here.
        expect(Math.abs(result[i]! - level)).toBeLessThan(0.53);
      });
    },
  );
});

describe("erasing", () => {
  it("changes its rectangle alone, to the level or to the channels' means", () => {
    const cases = pictures.chain((picture) => fc.tuple(fc.constant(picture), within(picture.width), levels));
    fc.assert(
      fc.property(cases, ([picture, erase, level]) => {
        const { width, channels, data } = picture;
        const filled = augment(picture, { erase }, { fill: level });
        const averaged = augment(picture, { erase });
        const means = [0, 1, 2].map((channel) => {
          const own = data.filter((_, i) => i % channels === channel);
          return own.reduce((sum, value) => sum + value, 0) / own.length;
        });
        data.forEach((value, i) => {
          const [x, y] = [Math.floor(i / channels) % width, Math.floor(i / channels / width)];
          const inX = x >= erase.left && x < erase.left + erase.width;
          const inside = inX && y >= erase.top && y < erase.top + erase.height;
          expect(filled[i]).toBe(inside ? level : value);
          expect(Math.abs(averaged[i]! - (inside ? means[i % channels]! : value))).toBeLessThanOrEqual(0.5);
        });
      }),
    );
  });
});

describe("the fast loops", () => {
  it("give the bytes of the plain ones", () => {
    const cases = pictures.chain((picture) =>
      fc.record({
        picture: fc.constant(picture),
        placement: placements,
        colours: fc.record({ brightness: factors, contrast: factors }),
        erase: within(picture.width),
        border: fc.oneof(fc.constant("edge" as const), levels),
        fill: fc.oneof(fc.constant("mean" as const), levels),
      }),
    );
    fc.assert(
      fc.property(cases, ({ picture, placement, colours, erase, border, fill }) => {
        const plan = { ...UNCHANGED, map: placementMap(placement, picture.width), ...colours, erase };
        expect(augment(picture, plan, { border, fill })).toEqual(plainPicture(picture, plan, border, fill));
      }),
      { numRuns: 500 },
    );
  });
});

describe("mixing", () => {
  const plansOf = (shares: readonly number[]) => {
    const plans = new Float64Array(shares.length * PLAN.length);
    shares.forEach((share, i) => {
      plans.set(rowOf({ ...UNCHANGED, share }), i * PLAN.length);
    });
    return plans;
  };

  it("pairs the first with the last, each by its own share, in pixels and in targets alike", () => {
    const plans = plansOf([0.75, 0.5, 0.25]);
    const levels = Uint8Array.of(100, 0, 8, 9, 200, 255);
    mixRows(levels, plans, 3);
    expect([...levels]).toEqual([125, 64, 8, 9, 125, 64]);
    const targets = Float32Array.of(1, 0, 0.5, 0.5, 0, 1);
    mixRows(targets, plans, 3);
    expect([...targets]).toEqual([0.75, 0.25, 0.5, 0.5, 0.75, 0.25]);
  });

  it("leaves a batch of one, and shares of one", () => {
    const levels = Uint8Array.of(1, 2, 3, 4);
    mixRows(levels, plansOf([0.5]), 1);
    mixRows(levels, plansOf([1, 1]), 2);
    expect([...levels]).toEqual([1, 2, 3, 4]);
  });

  it("keeps distributions distributions", () => {
    const share = fc.integer({ min: 0, max: 65_536 }).map((n) => n / 65_536);
    fc.assert(
      fc.property(fc.array(share, { minLength: 1, maxLength: 9 }), (shares) => {
        const rows = Float32Array.from({ length: shares.length * 7 }, (_, i) => (i % 7 === i % 5 ? 1 : 0));
        for (let i = 0; i < shares.length; i++) rows.set([0.5, 0.25, 0.25, 0, 0, 0, 0], i * 7);
        mixRows(rows, plansOf(shares), shares.length);
        for (let i = 0; i < shares.length; i++) {
          const sum = rows.subarray(i * 7, (i + 1) * 7).reduce((total, value) => total + value, 0);
          expect(sum).toBeCloseTo(1, 6);
        }
      }),
    );
  });
});
