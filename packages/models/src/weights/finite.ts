import { FerBenchError } from "@fer-bench/artifacts";
import type { Tensor } from "./weights.ts";

/** Throws a FerBenchError ("bad-data") at the first value that is no finite number. */
export function checkFinite({ shape, data }: Tensor, name: string, file: string): void {
  const at = data.findIndex((value) => !Number.isFinite(value));
  if (at < 0) return;
  throw new FerBenchError("bad-data", `${name} holds ${data[at]} at [${indicesOf(at, shape).join(", ")}]`, {
    file,
    field: name,
    remedy: "get the file again, or train again: a network with such a weight gives no numbers",
  });
}

function indicesOf(at: number, shape: readonly number[]): number[] {
  let rest = at;
  return shape
    .toReversed()
    .map((extent) => {
      const index = rest % extent;
      rest = Math.floor(rest / extent);
      return index;
    })
    .reverse();
}
