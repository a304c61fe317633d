/*
 * IEEE 754 binary16 as bit patterns: 1 sign, 5 exponent and 10 fraction bits. It is what safetensors calls F16, NumPy
 * float16 and ONNX FLOAT16.
 */

/** The largest finite number of 16 bits. */
export const LARGEST_HALF = 65_504;

/**
 * Numbers as halves, each rounded to the nearest, ties to the even one (IEEE 754's default); magnitudes from 65,520 up
 * become infinities, and a NaN stays one.
 */
export function toHalf(values: Float32Array): Uint16Array<ArrayBuffer> {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const halves = new Uint16Array(bits.length);
  for (let i = 0; i < bits.length; i++) halves[i] = halfOfSingle(bits[i]!);
  return halves;
}

/** Halves as numbers: every half is a 32-bit number, so nothing is rounded. */
export function fromHalf(halves: Uint16Array): Float32Array<ArrayBuffer> {
  const bits = new Uint32Array(halves.length);
  for (let i = 0; i < bits.length; i++) bits[i] = singleOfHalf(halves[i]!);
  return new Float32Array(bits.buffer);
}

function halfOfSingle(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fff_ffff;
  if (magnitude > INFINITY_BITS) {
    // A NaN whose payload is in the bits that go would become an infinity.
    const payload = (magnitude >>> 13) & 0x3ff;
    return sign | 0x7c00 | (payload === 0 ? 1 : payload);
  }
  if (magnitude >= SMALLEST_TO_INFINITY) return sign | 0x7c00;
  if (magnitude >= SMALLEST_NORMAL) return sign | roundOff(magnitude - EXPONENT_SHIFT, 13);
  // A subnormal half counts units of 2^-24: the significand is shifted by what its exponent lacks.
  const exponent = magnitude >>> 23;
  const shift = 126 - exponent;
  if (shift > 24) return sign;
  return sign | roundOff((magnitude & 0x7f_ffff) | 0x80_0000, shift);
}

/** Drops the lowest bits, to nearest and ties to even; a carry runs into the exponent, as it should. */
function roundOff(bits: number, dropped: number): number {
  const half = 2 ** (dropped - 1);
  const kept = bits >>> dropped;
  const rest = bits & (2 ** dropped - 1);
  return rest > half || (rest === half && (kept & 1) === 1) ? kept + 1 : kept;
}

function singleOfHalf(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >>> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0x1f) return (sign | INFINITY_BITS | (fraction << 13)) >>> 0;
  if (exponent > 0) return (sign | (((exponent << 23) | (fraction << 13)) + EXPONENT_SHIFT)) >>> 0;
  if (fraction === 0) return sign >>> 0;
  // A subnormal half is a normal single: its leading one becomes the implied bit.
  const leading = Math.clz32(fraction) - 21;
  return (sign | ((113 - leading) << 23) | (((fraction << leading) & 0x3ff) << 13)) >>> 0;
}

/** Between the exponents' biases, 127 and 15, in a single's bits. */
const EXPONENT_SHIFT = (127 - 15) << 23;
const INFINITY_BITS = 0x7f80_0000;
/** 2^-14. */
const SMALLEST_NORMAL = (127 - 14) << 23;
/** 65,520: halfway between the largest half and what would be the next; the tie goes to infinity. */
const SMALLEST_TO_INFINITY = 0x477f_f000;
