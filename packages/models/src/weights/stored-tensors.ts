import { FerBenchError, fromHalf, type Tensor as StoredTensor, toHalf } from "@fer-bench/artifacts";
import type { Tensor, Weights } from "./weights.ts";

/** How parameters are stored. */
export interface StorageOptions {
  /**
   * Kernels in 16 bits (F16), half the size; biases and statistics stay in 32 bits: they are few, and their range is
   * wide. Default false.
   */
  half?: boolean;
}

/**
 * Weights as safetensors' tensors, F32.
 * @throws FerBenchError "bad-data" where a kernel is beyond what 16 bits hold
 */
export function toStoredTensors(
  weights: Weights,
  { half = false }: StorageOptions = {},
): Map<string, StoredTensor> {
  return new Map(
    [...weights].map(([name, { shape, data }]) => [
      name,
      half && isKernel(shape)
        ? { dtype: "F16", shape, data: toFiniteHalf(name, data) }
        : { dtype: "F32", shape, data },
    ]),
  );
}

/**
 * Weights of safetensors' tensors, F32 or F16.
 * @throws FerBenchError "bad-artifact" naming `file` and the tensor of another type
 */
export function fromStoredTensors(
  tensors: ReadonlyMap<string, StoredTensor>,
  file: string,
): Map<string, Tensor> {
  return new Map(
    [...tensors].map(([name, { dtype, shape, data }]) => {
      if (dtype === "F16") return [name, { shape, data: fromHalf(data as Uint16Array) }];
      if (dtype === "F32") return [name, { shape, data: Float32Array.from(data as Float32Array) }];
      throw new FerBenchError("bad-artifact", `tensor ${name} is ${dtype}, neither F32 nor F16`, {
        file,
        field: name,
        remedy: "get or write the file again",
      });
    }),
  );
}

/** Whether it has more than one axis along which there is something. */
export function isKernel(shape: readonly number[]): boolean {
  return shape.filter((extent) => extent > 1).length > 1;
}

/** Halves of finite numbers that stay finite. */
export function toFiniteHalf(name: string, data: Float32Array): Uint16Array<ArrayBuffer> {
  const halves = toHalf(data);
  const lost = halves.findIndex((half) => (half & 0x7c00) === 0x7c00);
  if (lost < 0) return halves;
  throw new FerBenchError("bad-data", `${name} has ${data[lost]}, which 16 bits cannot hold`, {
    field: name,
    remedy: "write it in full precision",
  });
}
