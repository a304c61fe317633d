import { FerBenchError } from "@fer-bench/artifacts";

/**
 * Reads what dlib's `serialize` writes (dlib/serialize.h): an integer is a control byte (bit 7: negative; low four
 * bits: how many bytes follow) and its absolute value, little endian; a float is two integers, mantissa and exponent of
 * two. Errors: `bad-data` naming the file, and the byte in the field.
 */
export interface DlibNumbers {
  /** Throws where it is no safe integer. */
  integer(): number;
  /** A count of things of which each takes at least `bytesEach` bytes: no more than the file can still hold. */
  count(what: string, bytesEach: number): number;
  /** Refuses the file unless it still holds so many bytes, which `what` will take. */
  expect(byteCount: number, what: string): void;
  /** A finite single-precision number. */
  float(): number;
  /** Throws unless all bytes were read. */
  end(): void;
  /** Refuses the file at the present byte. */
  refuse(why: string): never;
}

/** float_details.h: exponents from here on mean infinities and not-a-number. */
const FIRST_SPECIAL_EXPONENT = 32000;
/** No number of the formats read here takes more. */
const MOST_BYTES = 8;

export function readDlibNumbers(bytes: Uint8Array, file: string): DlibNumbers {
  let at = 0;
  const refuse = (why: string): never => {
    throw new FerBenchError("bad-data", `not a shape predictor of dlib: ${why}`, {
      file,
      field: `byte ${at}`,
      remedy: "use a .dat file that dlib's shape_predictor was saved to, unpacked from .bz2",
    });
  };
  const expect = (byteCount: number, what: string): void => {
    if (byteCount > bytes.length - at) refuse(`more ${what} than the file can hold`);
  };
  const integer = (): number => {
    const control = bytes[at];
    if (control === undefined) return refuse("the file ends too early");
    const size = control & 0x0f;
    // The three bits between sign and size are reserved, and zero; ASCII numbers of dlib before 2010 have one set.
    if (size === 0 || size > MOST_BYTES || (control & 0x70) !== 0)
      return refuse("no number where one should be");
    if (at + size >= bytes.length) return refuse("the file ends too early");
    let value = 0;
    for (let i = size; i >= 1; i--) value = value * 256 + bytes[at + i]!;
    if (!Number.isSafeInteger(value)) return refuse("a number that is too large");
    at += 1 + size;
    return (control & 0x80) === 0 ? value : -value;
  };
  return {
    integer,
    expect,
    count(what, bytesEach) {
      const value = integer();
      if (value < 0) refuse(`${value} ${what}`);
      expect(value * bytesEach, what);
      return value;
    },
    float() {
      const mantissa = integer();
      const exponent = integer();
      if (exponent >= FIRST_SPECIAL_EXPONENT) refuse("an infinite number");
      const value = Math.fround(mantissa * 2 ** exponent);
      return Number.isFinite(value) ? value : refuse("a number that is too large");
    },
    end() {
      if (at !== bytes.length) refuse(`${bytes.length - at} bytes are left over`);
    },
    refuse,
  };
}
