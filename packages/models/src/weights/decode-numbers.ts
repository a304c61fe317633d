import { fromHalf } from "@fer-bench/artifacts";

/** Types of number that weight files hold, in safetensors' words; anything else is text to a reader of weights. */
export type NumberType = "F16" | "BF16" | "F32" | "F64" | `${"I" | "U"}${8 | 16 | 32 | 64}`;

type Numbers = Float32Array<ArrayBuffer>;

const DECODERS: Readonly<Record<NumberType, (bytes: ArrayBuffer) => Numbers>> = {
  F16: (bytes) => fromHalf(new Uint16Array(bytes)),
  BF16: (bytes) => new Float32Array(Uint32Array.from(new Uint16Array(bytes), (bits) => bits << 16).buffer),
  F32: (bytes) => new Float32Array(bytes),
  F64: (bytes) => Float32Array.from(new Float64Array(bytes)),
  I8: (bytes) => Float32Array.from(new Int8Array(bytes)),
  I16: (bytes) => Float32Array.from(new Int16Array(bytes)),
  I32: (bytes) => Float32Array.from(new Int32Array(bytes)),
  I64: (bytes) => Float32Array.from(new BigInt64Array(bytes), Number),
  U8: (bytes) => Float32Array.from(new Uint8Array(bytes)),
  U16: (bytes) => Float32Array.from(new Uint16Array(bytes)),
  U32: (bytes) => Float32Array.from(new Uint32Array(bytes)),
  U64: (bytes) => Float32Array.from(new BigUint64Array(bytes), Number),
};

export function isNumberType(type: string): type is NumberType {
  return Object.hasOwn(DECODERS, type);
}

/** Little-endian numbers as float32: exact for 16-bit floats, else the nearest; F32 keeps the memory it is given. */
export function decodeNumbers(type: NumberType, bytes: ArrayBuffer): Numbers {
  return DECODERS[type](bytes);
}
