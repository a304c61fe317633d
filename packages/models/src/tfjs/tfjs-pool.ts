import { FerBenchError, openThread } from "@fer-bench/artifacts";
import type { Model } from "../onnx/fold.ts";
import type { BatchRunner } from "../run/batch-runner.ts";
import { startWorkerPool } from "../run/worker-pool.ts";
import { loadNative, type TfjsLibrary } from "./library.ts";
import { createTfjsRunner } from "./tfjs-runner.ts";

/** What `tfjs-thread.ts` starts from. */
export interface TfjsStart {
  library: TfjsLibrary;
  model: Model;
}

/**
 * A network in TensorFlow.js. A native library runs in this thread and has its own; WebAssembly and plain JavaScript
 * know one thread in Node, so each core has a copy of the network in a worker.
 */
export async function createTfjsPool(
  library: TfjsLibrary,
  model: Model,
  threads: number,
): Promise<BatchRunner> {
  if (library.native) return { ...createTfjsRunner(await loadNative(library), model), concurrency: 1 };
  return startWorkerPool<TfjsStart>({
    threads,
    open: () => openThread("./tfjs-thread", import.meta.url),
    from: { library, model },
    failure: (cause) =>
      new FerBenchError("internal", `TensorFlow.js failed (${library.name}): ${String(cause)}`, { cause }),
  });
}
