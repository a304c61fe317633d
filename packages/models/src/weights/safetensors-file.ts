import { openSafetensors } from "@fer-bench/artifacts";
import { decodeNumbers, type NumberType } from "./decode-numbers.ts";
import { checkFinite } from "./finite.ts";
import type { TensorFile } from "./tensor-file.ts";

/** A .safetensors file; names are as in the file. */
export async function openSafetensorsFile(path: string): Promise<TensorFile> {
  const file = await openSafetensors(path);
  return {
    path,
    format: "safetensors",
    tensors: new Map([...file.entries].map(([name, { dtype, shape }]) => [name, { type: dtype, shape }])),
    async read(name) {
      const { dtype, shape, data } = await file.read(name);
      const tensor = { shape, data: decodeNumbers(dtype satisfies NumberType, data.buffer as ArrayBuffer) };
      checkFinite(tensor, name, path);
      return tensor;
    },
    close: () => file.close(),
  };
}
