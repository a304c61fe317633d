import { fileURLToPath } from "node:url";
import { type FileStores, storesOf } from "@fer-bench/artifacts";

/** Weights that come with this package. */
const SHIPPED = fileURLToPath(new URL("../../weights", import.meta.url));

/**
 * Where published weights are looked for: this package, the folder FER_BENCH_WEIGHTS_DIR with files under their published names, then
 * the cache (FER_BENCH_CACHE, else XDG_CACHE_HOME's), then their addresses unless FER_BENCH_OFFLINE=1 or `offline`.
 */
export function weightsStores(options: { offline?: boolean } = {}): FileStores {
  return { ...storesOf("FER_BENCH_WEIGHTS_DIR", options), shipped: SHIPPED };
}
