import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Augmentation, augmentationSchema } from "./augmentation-config.ts";
import { drawPlan, type SamplePlan } from "./sample-plan.ts";

const SIZE = 48;

function plans(config: Augmentation, count = 2000, size = SIZE): SamplePlan[] {
  return Array.from({ length: count }, (_, sample) => drawPlan(config, size, 1, 0, sample));
}

/** What a map does, read back from its numbers. */
function placementOf({ map: [a, b, c, d, e, f] }: SamplePlan, size: number) {
  const centre = (size - 1) / 2;
  const determinant = a * e - b * d;
  // Where the map's inverse takes the centre.
  const [x, y] = [centre - c, centre - f];
  return {
    flip: determinant < 0,
    degrees: (Math.atan2(d, e) * 180) / Math.PI,
    scale: 1 / Math.sqrt(Math.abs(determinant)),
    shift: [(e * x - b * y) / determinant - centre, (a * y - d * x) / determinant - centre],
  };
}

const configs = fc
  .record({
    flip: fc.double({ min: 0, max: 1, noNaN: true }),
    rotate: fc.double({ min: 0, max: 179, noNaN: true }),
    shift: fc.double({ min: 0, max: 0.9, noNaN: true }),
    scale: fc.tuple(fc.double({ min: 0.2, max: 1, noNaN: true }), fc.double({ min: 1, max: 4, noNaN: true })),
    brightness: fc.double({ min: 0, max: 1, noNaN: true }),
    contrast: fc.double({ min: 0, max: 1, noNaN: true }),
  })
  .map((config) => augmentationSchema.parse(config));

describe("drawPlan", () => {
  it("changes nothing where nothing is asked for", () => {
    const nothing = {
      map: [1, 0, 0, 0, 1, 0],
      brightness: 1,
      contrast: 1,
      erase: { left: 0, top: 0, width: 0, height: 0 },
      share: 1,
    };
    for (const plan of plans(augmentationSchema.parse({}), 100)) {
      expect({ ...plan, map: plan.map.map((number) => number + 0) }).toEqual(nothing);
    }
  });

  it("stays within its ranges", () => {
    fc.assert(
      fc.property(configs, fc.integer({ min: 8, max: 96 }), (config, size) => {
        for (const plan of plans(config, 50, size)) {
          const { degrees, scale, shift } = placementOf(plan, size);
          expect(Math.abs(degrees)).toBeLessThanOrEqual(config.rotate + 1e-6);
          expect(scale).toBeGreaterThanOrEqual(config.scale[0] - 1e-9);
          expect(scale).toBeLessThanOrEqual(config.scale[1] + 1e-9);
          for (const pixels of shift) {
            expect(Math.abs(pixels)).toBeLessThanOrEqual(config.shift * size + 1e-6);
          }
          expect(Math.abs(plan.brightness - 1)).toBeLessThanOrEqual(config.brightness + 1e-12);
          expect(Math.abs(plan.contrast - 1)).toBeLessThanOrEqual(config.contrast + 1e-12);
        }
      }),
    );
  });

  it("fills its ranges evenly", () => {
    const config = augmentationSchema.parse({
      ...{ flip: 0.5, rotate: 10, shift: 0.1, scale: [0.8, 1.2], brightness: 0.2, contrast: 0.4 },
    });
    const drawn = plans(config).map((plan) => ({ ...plan, ...placementOf(plan, SIZE) }));
    const even: [values: number[], low: number, high: number][] = [
      [drawn.map(({ degrees }) => degrees), -10, 10],
      [drawn.map(({ degrees }) => Math.abs(degrees)), 0, 10],
      [drawn.map(({ shift }) => shift[0]!), -4.8, 4.8],
      [drawn.map(({ shift }) => Math.abs(shift[1]!)), 0, 4.8],
      [drawn.map(({ scale }) => scale), 0.8, 1.2],
      [drawn.map(({ brightness }) => brightness), 0.8, 1.2],
      [drawn.map(({ contrast }) => contrast), 0.6, 1.4],
    ];
    for (const [values, low, high] of even) {
      // Four standard errors: 4 / sqrt(12 x 2000).
      expect(Math.abs(meanOf(values) - (low + high) / 2) / (high - low)).toBeLessThan(0.026);
    }
    // Four standard errors: 4 x 0.5 / sqrt(2000).
    expect(Math.abs(meanOf(drawn.map(({ flip }) => Number(flip))) - 0.5)).toBeLessThan(0.045);
  });

  it("depends on seed, epoch and sample, and on nothing else", () => {
    const config = augmentationSchema.parse({ rotate: 30, mixup: {}, erase: { probability: 1 } });
    const plan = drawPlan(config, SIZE, 1, 2, 3);
    expect(drawPlan(config, SIZE, 1, 2, 3)).toEqual(plan);
    for (const [seed, epoch, sample] of [
      [2, 2, 3],
      [1, 3, 3],
      [1, 2, 4],
    ] as const) {
      const differing = drawPlan(config, SIZE, seed, epoch, sample);
      expect(differing.map).not.toEqual(plan.map);
      expect(differing.erase).not.toEqual(plan.erase);
      expect(differing.share).not.toEqual(plan.share);
    }
  });

  it("draws the same rotation whatever else is on", () => {
    const alone = plans(augmentationSchema.parse({ rotate: 30 }), 50);
    const rest = { shift: 0.1, brightness: 0.5, erase: { probability: 1 }, mixup: {} };
    const among = plans(augmentationSchema.parse({ rotate: 30, ...rest }), 50);
    among.forEach((plan, i) => {
      const { degrees } = placementOf(alone[i]!, SIZE);
      expect(placementOf(plan, SIZE).degrees).toBeCloseTo(degrees, 9);
    });
  });
});

describe("erased rectangles", () => {
  it("lie within the picture, of the area and aspect asked for up to the rounding of their sides", () => {
    const area = fc.tuple(fc.double({ min: 0.01, max: 0.2, noNaN: true }), fc.constant(0.4));
    const aspect = fc.tuple(
      fc.double({ min: 0.3, max: 1, noNaN: true }),
      fc.double({ min: 1, max: 3, noNaN: true }),
    );
    fc.assert(
      fc.property(area, aspect, fc.integer({ min: 16, max: 96 }), (area, aspect, size) => {
        const config = augmentationSchema.parse({ erase: { probability: 1, area, aspect } });
        for (const { erase } of plans(config, 30, size)) {
          const { left, top, width, height } = erase;
          if (width === 0) continue;
          expect(Math.min(left, top)).toBeGreaterThanOrEqual(0);
          expect(Math.max(left + width, top + height)).toBeLessThanOrEqual(size);
          expect((width + 0.5) * (height + 0.5)).toBeGreaterThanOrEqual(area[0] * size * size);
          expect((width - 0.5) * (height - 0.5)).toBeLessThanOrEqual(area[1] * size * size);
          expect((height + 0.5) / (width - 0.5)).toBeGreaterThanOrEqual(aspect[0]);
          expect((height - 0.5) / (width + 0.5)).toBeLessThanOrEqual(aspect[1]);
        }
      }),
    );
  });

  it("come as often as asked, and reach every corner", () => {
    const drawn = plans(augmentationSchema.parse({ erase: { probability: 0.25 } }), 8000)
      .map(({ erase }) => erase)
      .filter(({ width }) => width > 0);
    // Four standard errors are 0.019.
    expect(Math.abs(drawn.length / 8000 - 0.25)).toBeLessThan(0.02);
    expect(Math.min(...drawn.map(({ left }) => left))).toBe(0);
    expect(Math.min(...drawn.map(({ top }) => top))).toBe(0);
    expect(Math.max(...drawn.map(({ left, width }) => left + width))).toBe(SIZE);
    expect(Math.max(...drawn.map(({ top, height }) => top + height))).toBe(SIZE);
  });

  it("are left out where none fits", () => {
    const erase = { probability: 1, area: [0.9, 0.95], aspect: [3, 3.3] };
    for (const plan of plans(augmentationSchema.parse({ erase }), 100)) expect(plan.erase.width).toBe(0);
  });
});

describe("shares of mixtures", () => {
  // 1/2 and the mean absolute deviation of Beta(alpha, alpha), 1 / (alpha 4^alpha B(alpha, alpha)).
  it.each([
    [0.5, 1 / 2 + 1 / Math.PI],
    [1, 3 / 4],
    [2, 11 / 16],
  ])("are the larger parts of Beta(alpha, alpha), on a grid that mixes exactly (alpha %d)", (alpha, mean) => {
    const shares = plans(augmentationSchema.parse({ mixup: { alpha } }), 8000).map(({ share }) => share);
    // Four standard errors; the deviation is below 0.18.
    expect(Math.abs(meanOf(shares) - mean)).toBeLessThan(0.008);
    expect(Math.min(...shares)).toBeGreaterThanOrEqual(0.5);
    expect(Math.max(...shares)).toBeLessThanOrEqual(1);
    expect(shares.filter((share) => !Number.isInteger(share * 65_536))).toEqual([]);
  });
});

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
