/*
 * The inner loops of the maps in AssemblyScript: 128-bit SIMD on float64, compiled to data/maps.wasm by
 * tools/build-wasm.mjs. Memory is laid out by the callers in src/; nothing here allocates. All pointers are byte offsets,
 * numbers float64 where nothing else is said.
 */
export {
  columns,
  descend,
  fillGradient,
  gradient,
  layOut,
  points,
  repulsion,
  rest,
  starts,
  values,
} from "./descent";
export { repel } from "./quadtree";
export { rowProducts } from "./row-products";

/** Memory from here on is the caller's. */
export const firstFree: usize = __heap_base;
