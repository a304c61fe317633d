import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { fromHalf, LARGEST_HALF, toHalf } from "./half.ts";
import { sha256 } from "./hash.ts";

const recorded = JSON.parse(readFileSync(new URL("../test/numpy/halves.json", import.meta.url), "utf8")) as {
  rounded: [single: string, half: string][];
  sha256: { singles: string; probed: string };
};

const bytesOf = (array: Float32Array | Uint16Array) =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
const singleOf = (bits: number) => new Float32Array(Uint32Array.of(bits).buffer)[0]!;

/** Values and patterns of IEEE 754 binary16, worked out by hand. */
const KNOWN: [number, number][] = [
  [0, 0x0000],
  [-0, 0x8000],
  [1, 0x3c00],
  [-2, 0xc000],
  [1 + 2 ** -10, 0x3c01],
  [1 / 3, 0x3555],
  [LARGEST_HALF, 0x7bff],
  [2 ** -14, 0x0400],
  [2 ** -14 - 2 ** -24, 0x03ff],
  [2 ** -24, 0x0001],
  [Number.POSITIVE_INFINITY, 0x7c00],
  [Number.NEGATIVE_INFINITY, 0xfc00],
];

it.each(KNOWN)("knows %d as %i", (value, half) => {
  expect([...toHalf(Float32Array.of(value))]).toEqual([half]);
  const back = fromHalf(Uint16Array.of(half))[0]!;
  if (value === 1 / 3) expect(back).toBe(0x555 / 0x1000);
  else expect(Object.is(back, value)).toBe(true);
});

it("takes ties to the even one, and what is past the largest to infinity", () => {
  const ties = [1 + 2 ** -11, 1 + 3 * 2 ** -11, 2 ** -25, 3 * 2 ** -25, 65_519.996, 65_520];
  expect([...toHalf(Float32Array.from(ties))]).toEqual([0x3c00, 0x3c02, 0x0000, 0x0002, 0x7bff, 0x7c00]);
});

it("keeps every NaN a NaN", () => {
  const payloads = [0x7f80_0001, 0x7fc0_0000, 0xffff_ffff, 0xff80_2000].map(singleOf);
  expect([...fromHalf(toHalf(Float32Array.from(payloads)))]).toEqual(Array(4).fill(Number.NaN));
});

it("rounds as NumPy does", () => {
  const singles = recorded.rounded.map(([bits]) => singleOf(Number.parseInt(bits, 16)));
  const halves = recorded.rounded.map(([, half]) => Number.parseInt(half, 16));
  expect([...toHalf(Float32Array.from(singles))]).toEqual(halves);
});

it("reads all 65,536 halves, and rounds to each of them and around every midpoint, as NumPy does", () => {
  const singles = fromHalf(Uint16Array.from({ length: 1 << 16 }, (_, half) => half));
  expect(sha256(bytesOf(singles))).toBe(recorded.sha256.singles);

  const positive = singles.subarray(0, 0x7c00);
  const midpoints = positive.map((half, i) => (half + (positive[i + 1] ?? 65_536)) / 2);
  const step = (by: number) => {
    const bits = Uint32Array.from(new Uint32Array(midpoints.buffer), (pattern) => pattern + by);
    return new Float32Array(bits.buffer);
  };
  const probes = [positive, midpoints, step(-1), step(1)].flatMap((part) => [...part]);
  const both = Float32Array.from([...probes, ...probes.map((probe) => -probe)]);
  expect(sha256(bytesOf(toHalf(both)))).toBe(recorded.sha256.probed);
});
