import { readFileSync } from "node:fs";
import { createRandom, randomInt } from "@fer-bench/artifacts";
import { describe, expect, it } from "vitest";
import { type CorruptionLevel, createCorruption } from "./corrupt-picture.ts";
import { CORRUPTION_KINDS, CORRUPTIONS } from "./robustness-config.ts";

interface Recorded {
  size: number;
  channels: 1 | 3;
  picture: string;
}

/** Recorded from SciPy and OpenCV by tools/fixtures/corruptions.py. */
const fixture = JSON.parse(readFileSync(new URL("../../test/corruptions.json", import.meta.url), "utf8")) as {
  blurs: (Recorded & { sigma: number; expected: number[]; ofOpenCV: number })[];
  jpegs: (Recorded & { quality: number; expected: string })[];
  rolls: (Recorded & { degrees: number; expected: [string, string] })[];
  noises: { level: number; deviation: number; probabilities: number[] }[];
};

const bytes = (base64: string) => new Uint8Array(Buffer.from(base64, "base64"));

async function corrupted(level: CorruptionLevel, { size, channels, picture }: Recorded, sample = 0) {
  const source = bytes(picture);
  const before = source.slice();
  const result = new Uint8Array(source.length);
  await createCorruption(level, { size, channels }, 1)(source, sample, result);
  expect(Buffer.compare(source, before)).toBe(0);
  return result;
}

const differences = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a, (value, i) => Math.abs(value - b[i]!));

describe("blur", () => {
  it.each(fixture.blurs)(
    "of $sigma pixels is SciPy's, rounded ($size x $size x $channels)",
    async (given) => {
      const found = await corrupted({ kind: "blur", value: given.sigma }, given);
      // Half a level of rounding, and the fixture's own digits.
      expect(Math.max(...differences(found, given.expected))).toBeLessThanOrEqual(0.501);
      expect(given.ofOpenCV).toBeLessThan(1e-9);
    },
  );
});

describe("jpeg", () => {
  it.each(fixture.jpegs)("of quality $quality is OpenCV's ($size x $size x $channels)", async (given) => {
    const found = await corrupted({ kind: "jpeg", value: given.quality }, given);
    const distances = differences(found, bytes(given.expected));
    // Other encoders round the same coefficients, and interpolate colour, otherwise.
    expect(Math.max(...distances)).toBeLessThanOrEqual(given.channels === 1 ? 1 : 3);
    const mean = distances.reduce((sum, distance) => sum + distance, 0) / distances.length;
    expect(mean).toBeLessThan(0.3);
  });
});

describe("roll", () => {
  it.each(fixture.rolls)("of $degrees degrees is OpenCV's, to the side that is drawn", async (given) => {
    const sides = given.expected.map(bytes);
    const seen = new Set<number>();
    for (let sample = 0; sample < 12; sample++) {
      const found = await corrupted({ kind: "roll", value: given.degrees }, given, sample);
      const off = sides.map((side) => Math.max(...differences(found, side)));
      expect(Math.min(...off)).toBeLessThanOrEqual(1);
      seen.add(off.indexOf(Math.min(...off)));
    }
    expect(seen.size).toBe(2);
  });
});

describe("noise", () => {
  it.each(fixture.noises)("of $deviation levels on $level is distributed as SciPy says", async (given) => {
    const size = 96;
    const source = Uint8Array.from({ length: size * size }, () => given.level);
    const corrupt = createCorruption({ kind: "noise", value: given.deviation }, { size, channels: 1 }, 1);
    const counts = new Float64Array(256);
    for (let sample = 0; sample < 4; sample++) {
      const result = new Uint8Array(source.length);
      await corrupt(source, sample, result);
      for (const level of result) counts[level]!++;
    }
    // Kolmogorov and Smirnov's distance; 1.95 / sqrt(n) is exceeded by chance once in a thousand times.
    const n = 4 * size * size;
    let [found, expected, distance] = [0, 0, 0];
    for (let level = 0; level < 256; level++) {
      found += counts[level]! / n;
      expected += given.probabilities[level]!;
      distance = Math.max(distance, Math.abs(found - expected));
    }
    expect(expected).toBeCloseTo(1, 4);
    expect(distance).toBeLessThan(1.95 / Math.sqrt(n));
  });
});

const random = createRandom("corrupt-picture.test");
const grey: Recorded = {
  size: 48,
  channels: 1,
  picture: Buffer.from(Uint8Array.from({ length: 48 * 48 }, () => 40 + randomInt(random, 120))).toString(
    "base64",
  ),
};
const level = (value: number) => Math.min(255, Math.max(0, Math.floor(value + 0.5)));

describe("occlusion", () => {
  it.each([5, 10, 20, 30, 40])("covers a square of %i% of the picture with its mean", async (value) => {
    const source = bytes(grey.picture);
    const mean = level(source.reduce((sum, one) => sum + one, 0) / source.length);
    const side = Math.round(48 * Math.sqrt(value / 100));
    expect((side / 48) ** 2).toBeCloseTo(value / 100, 1.5);
    const places = new Set<string>();
    for (let sample = 0; sample < 8; sample++) {
      const found = await corrupted({ kind: "occlusion", value }, grey, sample);
      const changed = Array.from(found.keys()).filter((i) => found[i] !== source[i]);
      expect(changed.every((i) => found[i] === mean)).toBe(true);
      const [xs, ys] = [changed.map((i) => i % 48), changed.map((i) => Math.floor(i / 48))];
      const [left, top] = [Math.min(...xs), Math.min(...ys)];
      expect(Math.max(...xs) - left + 1).toBeLessThanOrEqual(side);
      expect(Math.max(...ys) - top + 1).toBeLessThanOrEqual(side);
      // Pixels that had the mean already do not show.
      expect(changed.length).toBeGreaterThan(0.95 * side * side);
      places.add(`${left},${top}`);
    }
    expect(places.size).toBeGreaterThan(4);
  });
});

describe("light and contrast", () => {
  it("multiply levels, and their distances from the mean", async () => {
    const source = bytes(grey.picture);
    const mean = source.reduce((sum, one) => sum + one, 0) / source.length;
    expect(await corrupted({ kind: "darkness", value: 0.35 }, grey)).toEqual(
      source.map((one) => level(0.35 * one)),
    );
    expect(await corrupted({ kind: "brightness", value: 2.5 }, grey)).toEqual(
      source.map((one) => level(2.5 * one)),
    );
    expect(await corrupted({ kind: "contrast", value: 0.2 }, grey)).toEqual(
      source.map((one) => level(0.2 * (one - mean) + mean)),
    );
  });
});

describe("every kind", () => {
  it.each(CORRUPTION_KINDS)("%s gives the same picture again, whatever came before", async (kind) => {
    const at = { kind, value: CORRUPTIONS[kind].values[2]! };
    const alone = await corrupted(at, grey, 7);
    const corrupt = createCorruption(at, grey, 1);
    const source = bytes(grey.picture);
    const result = new Uint8Array(source.length);
    for (const sample of [3, 9, 7]) await corrupt(source, sample, result);
    expect(result).toEqual(alone);
  });

  it.each(["occlusion", "noise", "roll"] as const)("%s is another for another seed", async (kind) => {
    const at = { kind, value: CORRUPTIONS[kind].values[2]! };
    const source = bytes(grey.picture);
    const results = await Promise.all(
      [1, 2, 3, 4, 5].map(async (seed) => {
        const result = new Uint8Array(source.length);
        await createCorruption(at, grey, seed)(source, 7, result);
        return Buffer.from(result).toString("base64");
      }),
    );
    expect(new Set(results).size).toBeGreaterThan(1);
  });

  it.each(CORRUPTION_KINDS)("%s moves pictures further at each of its levels", async (kind) => {
    const source = bytes(grey.picture);
    const distances: number[] = [];
    for (const value of CORRUPTIONS[kind].values) {
      let sum = 0;
      for (let sample = 0; sample < 6; sample++) {
        const found = await corrupted({ kind, value }, grey, sample);
        sum += differences(found, source).reduce((a, b) => a + b, 0);
      }
      distances.push(sum);
    }
    // Turned noise is as far from itself at any angle.
    if (kind !== "roll") expect(distances).toEqual([...distances].sort((a, b) => a - b));
    expect(distances[0]).toBeGreaterThan(0);
  });
});
