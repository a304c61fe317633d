import { type FileStores, storesOf } from "@fer-bench/artifacts";

/**
 * Where published weights are looked for: the folder FER_BENCH_WEIGHTS_DIR with files under their published names, then
 * the cache (FER_BENCH_CACHE, else XDG_CACHE_HOME's), then their addresses unless FER_BENCH_OFFLINE=1 or `offline`.
 */
export function weightsStores({ offline = false }: { offline?: boolean } = {}): FileStores {
  const stores = storesOf("FER_BENCH_WEIGHTS_DIR");
  return { ...stores, offline: offline || stores.offline };
}
