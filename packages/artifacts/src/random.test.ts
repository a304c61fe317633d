import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  createRandom,
  deriveSeed,
  normal,
  type Random,
  randomInt,
  shuffle,
  truncatedNormal,
  uniform,
} from "./random.ts";

const draw = (n: number, next: () => number): number[] => Array.from({ length: n }, next);
const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
const moment = (values: readonly number[], power: number): number =>
  mean(values.map((value) => value ** power));

function correlation(a: readonly number[], b: readonly number[]): number {
  const [ma, mb] = [mean(a), mean(b)];
  const covariance = mean(a.map((value, i) => (value - ma) * (b[i]! - mb)));
  return covariance / Math.sqrt((moment(a, 2) - ma ** 2) * (moment(b, 2) - mb ** 2));
}

it("repeats its stream for the same seed", () => {
  const stream = (): number[] => draw(100, createRandom("flip", 3, 17).next);
  expect(stream()).toEqual(stream());
});

it("gives the numbers it always gave, which recorded results rest on", () => {
  expect(deriveSeed(42)).toBe(2937919930);
  expect(draw(4, createRandom(42).next).map((x) => x * 2 ** 32)).toEqual([
    1829455179, 4000651132, 289540205, 3563907722,
  ]);
  expect(draw(2, createRandom("flip", 0).next).map((x) => x * 2 ** 32)).toEqual([203679694, 259563607]);
});

it("steps as xoshiro128** 1.1 does", () => {
  // From the state (1, 2, 3, 4) the generator's published C code gives these numbers.
  const reference = new Uint32Array([1, 2, 3, 4]);
  expect(draw(4, () => xoshiro128StarStar(reference))).toEqual([11520, 0, 5927040, 70819200]);
  const state = Uint32Array.from(stateOf(42));
  const random = createRandom(42);
  for (let i = 0; i < 1000; i++) expect(random.next() * 2 ** 32).toBe(xoshiro128StarStar(state));
});

it("has a stream of its own for every sequence of seed parts", () => {
  const part = fc.oneof(fc.integer(), fc.maxSafeInteger(), fc.string({ maxLength: 4 }));
  const parts = fc.array(part, { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(parts, parts, (a, b) => {
      fc.pre(JSON.stringify(a) !== JSON.stringify(b));
      expect(deriveSeed(...a)).not.toBe(deriveSeed(...b));
    }),
    { numRuns: 2000, seed: 7 },
  );
  expect(deriveSeed("ab", "c")).not.toBe(deriveSeed("a", "bc"));
  expect(deriveSeed(1, 2)).not.toBe(deriveSeed(2, 1));
  expect(deriveSeed(-1)).not.toBe(deriveSeed(2 ** 32 - 1));
});

describe("the numbers", () => {
  // Bounds are five standard errors of n independent draws; the streams are seeded, so nothing here is up to chance.
  const n = 100_000;
  const bound = (deviation: number): number => (5 * deviation) / Math.sqrt(n);

  it("are uniform in [0, 1)", () => {
    const values = draw(n, createRandom(1).next);
    expect(values.every((value) => value >= 0 && value < 1)).toBe(true);
    const bins = new Array<number>(100).fill(0);
    for (const value of values) bins[Math.floor(value * 100)]!++;
    const chiSquare = bins.reduce((sum, count) => sum + (count - n / 100) ** 2 / (n / 100), 0);
    // 99 degrees of freedom: mean 99, standard deviation sqrt(198).
    expect(Math.abs(chiSquare - 99)).toBeLessThan(5 * Math.sqrt(198));
  });

  it("do not follow from one another, nor from those of the neighbouring seed", () => {
    const values = draw(n, createRandom("flip", 0).next);
    expect(Math.abs(correlation(values.slice(1), values.slice(0, -1)))).toBeLessThan(bound(1));
    for (const other of [createRandom("flip", 1), createRandom("flip", "0"), createRandom("flop", 0)]) {
      expect(Math.abs(correlation(values, draw(n, other.next)))).toBeLessThan(bound(1));
    }
  });

  it("of first draws over successive seeds are uniform", () => {
    const firsts = Array.from({ length: n }, (_, seed) => createRandom(seed).next());
    expect(Math.abs(mean(firsts) - 0.5)).toBeLessThan(bound(Math.sqrt(1 / 12)));
    expect(Math.abs(correlation(firsts.slice(1), firsts.slice(0, -1)))).toBeLessThan(bound(1));
  });

  it("of normal have the moments of a standard normal", () => {
    const random = createRandom(2);
    const values = draw(n, () => normal(random));
    expect(Math.abs(mean(values))).toBeLessThan(bound(1));
    expect(Math.abs(moment(values, 2) - 1)).toBeLessThan(bound(Math.sqrt(2)));
    expect(Math.abs(moment(values, 4) - 3)).toBeLessThan(bound(Math.sqrt(96)));
  });

  it("of truncatedNormal stay within two deviations, with the variance that leaves", () => {
    const random = createRandom(3);
    const values = draw(n, () => truncatedNormal(random));
    expect(values.every((value) => Math.abs(value) <= 2)).toBe(true);
    // 1 - 4 phi(2) / (2 Phi(2) - 1)
    expect(Math.abs(moment(values, 2) - 0.7737413)).toBeLessThan(bound(1));
  });

  it("of uniform and randomInt fill their range and nothing else", () => {
    const random = createRandom(4);
    const reals = draw(n, () => uniform(random, -3, 5));
    expect(reals.every((value) => value >= -3 && value < 5)).toBe(true);
    expect(Math.abs(mean(reals) - 1)).toBeLessThan(bound(8 / Math.sqrt(12)));
    expect(new Set(draw(n, () => randomInt(random, 7)))).toEqual(new Set([0, 1, 2, 3, 4, 5, 6]));
  });
});

describe("shuffle", () => {
  it("gives back its argument with the same items", () => {
    const items = Int32Array.from({ length: 1000 }, (_, i) => i);
    expect(shuffle(items, createRandom(5))).toBe(items);
    expect(items).not.toEqual(Int32Array.from(items).sort());
    expect(Int32Array.from(items).sort()).toEqual(Int32Array.from({ length: 1000 }, (_, i) => i));
  });

  it("gives every order equally often", () => {
    const random: Random = createRandom(6);
    const counts = new Map<string, number>();
    for (let i = 0; i < 24_000; i++) {
      const order = shuffle([0, 1, 2, 3], random).join("");
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(5 * Math.sqrt(1000));
  });

  it("leaves nothing and one item alone", () => {
    expect(shuffle([], createRandom(7))).toEqual([]);
    expect(shuffle([1], createRandom(7))).toEqual([1]);
  });
});

/** The state a seed gives: four draws of MurmurHash3's finaliser over a Weyl sequence, the last made odd. */
function stateOf(seed: number): number[] {
  let h = deriveSeed(seed);
  const finalise = (x: number): number => {
    let y = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
    y = Math.imul(y ^ (y >>> 13), 0xc2b2ae35);
    return (y ^ (y >>> 16)) >>> 0;
  };
  const state = draw(4, () => {
    h = (h + 0x9e3779b9) >>> 0;
    return finalise(h);
  });
  return [state[0]!, state[1]!, state[2]!, (state[3]! | 1) >>> 0];
}

/** xoshiro128** 1.1 as defined by Blackman and Vigna (prng.di.unimi.it), in BigInt. */
function xoshiro128StarStar(s: Uint32Array): number {
  const mask = 0xffffffffn;
  const rotl = (x: bigint, k: bigint): bigint => ((x << k) | (x >> (32n - k))) & mask;
  const result = Number((rotl((BigInt(s[1]!) * 5n) & mask, 7n) * 9n) & mask);
  const t = Number((BigInt(s[1]!) << 9n) & mask);
  s[2]! ^= s[0]!;
  s[3]! ^= s[1]!;
  s[1]! ^= s[2]!;
  s[0]! ^= s[3]!;
  s[2]! ^= t;
  s[3] = Number(rotl(BigInt(s[3]!), 11n));
  return result;
}
