/** A seeded stream of uniform numbers in [0, 1), 32 bits each. */
export interface Random {
  next(): number;
}

const MIX_A = 0x85ebca6b;
const MIX_B = 0xc2b2ae35;

/** MurmurHash3's 32-bit finaliser. */
function mix(h: number): number {
  h = Math.imul(h ^ (h >>> 16), MIX_A);
  h = Math.imul(h ^ (h >>> 13), MIX_B);
  return (h ^ (h >>> 16)) >>> 0;
}

/** One 32-bit seed from any number of parts, so that ("flip", epoch, sample) have streams of their own. */
export function deriveSeed(...parts: readonly (number | string)[]): number {
  let h = 0x9e3779b9;
  for (const part of parts) {
    if (typeof part === "number") {
      h = mix(h ^ mix(part | 0));
      h = mix(h ^ mix(Math.floor(part / 2 ** 32) | 0));
    } else {
      for (let i = 0; i < part.length; i++) h = mix(h ^ Math.imul(part.charCodeAt(i) + 1, 0x9e3779b1));
      h = mix(h ^ part.length);
    }
  }
  return h;
}

/** xoshiro128** 1.1 (Blackman and Vigna, prng.di.unimi.it), seeded through splitmix-style mixing. */
export function createRandom(...seed: readonly (number | string)[]): Random {
  let h = deriveSeed(...seed);
  const draw = (): number => {
    h = (h + 0x9e3779b9) | 0;
    return mix(h);
  };
  let a = draw();
  let b = draw();
  let c = draw();
  let d = draw() | 1;
  return {
    next() {
      const product = Math.imul(b, 5);
      const result = Math.imul((product << 7) | (product >>> 25), 9) >>> 0;
      const t = b << 9;
      c ^= a;
      d ^= b;
      b ^= c;
      a ^= d;
      c ^= t;
      d = (d << 11) | (d >>> 21);
      return result / 2 ** 32;
    },
  };
}

/** Uniform in [low, high). */
export function uniform(random: Random, low: number, high: number): number {
  return low + (high - low) * random.next();
}

/** Uniform integer in [0, n). */
export function randomInt(random: Random, n: number): number {
  return Math.floor(random.next() * n);
}

/** Standard normal by Box and Muller's polar-free form; two uniforms a draw. */
export function normal(random: Random): number {
  const u = 1 - random.next();
  return Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * random.next());
}

/** Normal cut off at two standard deviations by redrawing, as Keras's TruncatedNormal does. */
export function truncatedNormal(random: Random): number {
  for (;;) {
    const x = normal(random);
    if (Math.abs(x) <= 2) return x;
  }
}

/** Shuffles in place (Fisher and Yates) and returns its argument. */
export function shuffle<T extends { length: number; [index: number]: unknown }>(items: T, random: Random): T {
  for (let i = items.length - 1; i > 0; i--) {
    const j = randomInt(random, i + 1);
    const kept = items[i];
    items[i] = items[j];
    items[j] = kept;
  }
  return items;
}
