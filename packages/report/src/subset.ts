import { createRandom, shuffle } from "@fer-bench/artifacts";

/** `count` of the numbers 0..total-1 (all, where there are fewer), drawn by the seed, in ascending order. */
export function drawSubset(total: number, count: number, seed: number): Uint32Array {
  const all = Uint32Array.from({ length: total }, (_, i) => i);
  if (total <= count) return all;
  return shuffle(all, createRandom("subset", seed)).slice(0, count).sort();
}
