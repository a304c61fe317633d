import { expect, test } from "vitest";
import { enlarge, heatOverlay, heatRamp } from "./heat-overlay.ts";

const SIDE = 12;
const face = Uint8Array.from({ length: SIDE * SIDE * 3 }, (_, i) => i % 256);
const at = (picture: Uint8Array, x: number, y: number) => [
  ...picture.subarray(3 * (y * SIDE + x), 3 * (y * SIDE + x) + 3),
];

test("no evidence leaves the face as it is", async () => {
  const none = { data: new Float32Array(9), height: 3, width: 3 };
  expect([...(await heatOverlay(none, 1, { side: SIDE, face }))]).toEqual([...face]);
  expect([...(await heatOverlay(none, 0, { side: SIDE, face }))]).toEqual([...face]);
});

test("the most of it covers 72% of the face with the last colour of inferno", async () => {
  const all = { data: new Float32Array(9).fill(7), height: 3, width: 3 };
  const found = await heatOverlay(all, 7, { side: SIDE, face: undefined });
  // Matplotlib's inferno ends with #fcffa4.
  const expected = [0xfc, 0xff, 0xa4].map((level) => 0.28 * 128 + 0.72 * level);
  at(found, 5, 5).forEach((level, c) => {
    expect(Math.abs(level - expected[c]!)).toBeLessThanOrEqual(1);
  });
});

test("a pixel of a map is shown where it lies, rows from the top, columns from the left", async () => {
  // Upper right of 2 rows and 3 columns.
  const one = { data: Float32Array.of(0, 0, 1, 0, 0, 0), height: 2, width: 3 };
  const found = await heatOverlay(one, 1, { side: SIDE, face: undefined });
  const strength = (x: number, y: number) => at(found, x, y)[0]! - at(found, x, y)[2]!;
  expect(strength(10, 2)).toBeGreaterThan(30);
  for (const [x, y] of [
    [1, 2],
    [1, 9],
    [10, 10],
  ] as const)
    expect(Math.abs(strength(x, y))).toBeLessThan(12);
});

test("enlarging keeps what is linear, as bicubic interpolation does, and centres where they are", async () => {
  const ramp = Uint8Array.from({ length: 8 * 8 }, (_, i) => 20 + 20 * (i % 8));
  const large = await enlarge({ data: ramp, height: 8, width: 8, channels: 1 }, 32);
  expect(large.length).toBe(32 * 32);
  // The middle of pixel x of 32 lies at (x + 0.5) / 4 - 0.5 of 8; away from the border, where pixels are repeated. libvips
  // is off by half a pixel of the result.
  for (let x = 8; x < 24; x++) {
    const expected = 20 + 20 * ((x + 0.5) / 4 - 0.5);
    expect(Math.abs(large[16 * 32 + x]! - expected)).toBeLessThanOrEqual(2.5);
  }
});

test("the legend goes from bare grey to the last colour", () => {
  const stops = heatRamp().match(/rgb\([^)]*\)/g)!;
  expect(stops).toHaveLength(9);
  expect(stops[0]).toBe("rgb(128 128 128)");
});
