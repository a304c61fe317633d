import { createRandom, shuffle } from "@fer-bench/artifacts";

/** The order in which an epoch goes through `count` samples: a shuffle of its own, from the seed. */
export function epochOrder(count: number, seed: number, epoch: number): Int32Array<ArrayBuffer> {
  const order = Int32Array.from({ length: count }, (_, i) => i);
  return shuffle(order, createRandom("shuffle", seed, epoch));
}
