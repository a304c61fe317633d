import fc from "fast-check";

/** Values that counts, sizes and offsets in a header break on. */
const EXTREMES = [
  0n,
  1n,
  0x7fn,
  0x80n,
  0xffn,
  0x7fffn,
  0xffffn,
  0x7fff_ffffn,
  0x8000_0000n,
  0xffff_fffen,
  0xffff_ffffn,
  1n << 33n,
  1n << 40n,
  (1n << 53n) - 1n,
  (1n << 53n) + 1n,
  (1n << 63n) - 1n,
  1n << 63n,
  (1n << 64n) - 1n,
];

type Step = (bytes: Buffer) => Buffer;

/** Part of a whole, by which a place is drawn before the length is known. */
const part = fc.nat(0xffff).map((value) => value / 0x10000);
/** Nearer to either end, where headers and directories are. */
const place = fc.oneof(
  part.map((at) => (length: number) => Math.floor(at * length)),
  fc.nat(255).map((at) => (length: number) => Math.min(at, length)),
  fc.nat(255).map((at) => (length: number) => Math.max(0, length - 1 - at)),
);
const run = fc.oneof(fc.integer({ min: 1, max: 16 }), fc.integer({ min: 1, max: 5000 }));

const flip = fc.tuple(place, fc.nat(7)).map(
  ([at, bit]): Step =>
    (bytes) =>
      overwritten(bytes, at(bytes.length), Buffer.of((bytes[at(bytes.length)] ?? 0) ^ (1 << bit))),
);
const set = fc.tuple(place, fc.uint8Array({ minLength: 1, maxLength: 8 })).map(
  ([at, values]): Step =>
    (bytes) =>
      overwritten(bytes, at(bytes.length), values),
);
const cutOff = part.map(
  (at): Step =>
    (bytes) =>
      bytes.subarray(0, Math.floor(at * bytes.length)),
);
const cutOut = fc.tuple(place, run).map(
  ([at, length]): Step =>
    (bytes) =>
      spliced(bytes, at(bytes.length), length, new Uint8Array(0)),
);
const insert = fc.tuple(place, fc.uint8Array({ minLength: 1, maxLength: 40 })).map(
  ([at, values]): Step =>
    (bytes) =>
      spliced(bytes, at(bytes.length), 0, values),
);
const repeat = fc.tuple(place, run, fc.integer({ min: 1, max: 20 })).map(
  ([at, length, times]): Step =>
    (bytes) => {
      const piece = bytes.subarray(at(bytes.length), at(bytes.length) + length);
      return spliced(bytes, at(bytes.length), 0, Buffer.concat(Array.from({ length: times }, () => piece)));
    },
);
const extreme = fc.tuple(place, fc.constantFrom(...EXTREMES), fc.constantFrom(1, 2, 4, 8), fc.boolean()).map(
  ([at, value, width, little]): Step =>
    (bytes) =>
      overwritten(bytes, at(bytes.length), integerBytes(value, width, little)),
);
/** A number in digits becomes another. */
const number = fc
  .tuple(fc.nat(9999), fc.constantFrom(...EXTREMES.map(String), "-1", "1e400", "NaN", "0.5", "00", "-0", ""))
  .map(
    ([nth, text]): Step =>
      (bytes) => {
        const source = bytes.toString("latin1");
        const numbers = [...source.matchAll(/\d+/g)];
        const found = numbers[nth % Math.max(1, numbers.length)];
        if (found === undefined) return bytes;
        return spliced(bytes, found.index, found[0].length, Buffer.from(text, "latin1"));
      },
  );

/** One of the examples with one to five damages, mostly one: bits, bytes, pieces, numbers. */
export function damaged(examples: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  const step = fc.oneof(flip, set, cutOff, cutOut, insert, repeat, extreme, extreme, number);
  const steps = fc.oneof(fc.tuple(step), fc.tuple(step), fc.array(step, { minLength: 2, maxLength: 5 }));
  return fc
    .tuple(fc.constantFrom(...examples), steps)
    .map(([example, steps]) => steps.reduce<Buffer>((bytes, apply) => apply(bytes), Buffer.from(example)));
}

/** Bytes by lot, alone or behind the first of an example: what a format's magic number lets in. */
export function anyBytes(examples: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  return fc
    .tuple(
      fc.constantFrom(...examples),
      fc.constantFrom(0, 0, 4, 8, 16, 64),
      fc.uint8Array({ maxLength: 600 }),
    )
    .map(([example, kept, rest]) => Buffer.concat([example.subarray(0, kept), rest]));
}

/** A value that a header's field may be set to, as a number. */
export const extremeNumber: fc.Arbitrary<number> = fc.oneof(
  fc.constantFrom(...EXTREMES.map(Number), -1, 0.5, 3),
  fc.integer(),
);

export function integerBytes(value: bigint, width: number, little: boolean): Buffer {
  const bytes = Buffer.alloc(8);
  if (little) bytes.writeBigUInt64LE(BigInt.asUintN(64, value));
  else bytes.writeBigUInt64BE(BigInt.asUintN(64, value));
  return little ? bytes.subarray(0, width) : bytes.subarray(8 - width);
}

function overwritten(bytes: Buffer, at: number, values: Uint8Array): Buffer {
  const copy = Buffer.from(bytes);
  copy.set(values.subarray(0, Math.max(0, copy.length - at)), Math.min(at, copy.length));
  return copy;
}

function spliced(bytes: Buffer, at: number, length: number, values: Uint8Array): Buffer {
  return Buffer.concat([bytes.subarray(0, at), values, bytes.subarray(at + length)]);
}
