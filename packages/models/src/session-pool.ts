import { Worker } from "node:worker_threads";
import { FerBenchError } from "@fer-bench/artifacts";
import type { InferenceSession } from "onnxruntime-node";

/** What a worker thread is started with. */
export interface WorkerSetup {
  model: Uint8Array;
  inputName: string;
  options: InferenceSession.SessionOptions;
}

export interface WorkerRequest {
  id: number;
  data: Uint8Array<ArrayBuffer> | Float32Array<ArrayBuffer>;
  shape: number[];
}

export type WorkerReply = { id: number; output?: Float32Array<ArrayBuffer>; error?: string };

export interface SessionPool {
  /** Runs the model on one input and resolves to its first output; `data` is handed over and empty afterwards. */
  run(
    data: Uint8Array<ArrayBuffer> | Float32Array<ArrayBuffer>,
    shape: number[],
  ): Promise<Float32Array<ArrayBuffer>>;
  /** How many runs keep every thread busy. */
  concurrency: number;
  close(): Promise<void>;
}

/** One run in work and one waiting, so that a thread never waits for the main one. */
const RUNS_PER_WORKER = 2;

/**
 * Sessions of one model, one thread each, in worker threads. Batches side by side need no synchronisation inside an
 * operator: on two cores that is faster than one session of two threads, and far steadier where the cores are shared.
 */
export async function createSessionPool(
  model: Uint8Array,
  inputName: string,
  threads: number,
): Promise<SessionPool> {
  const options: InferenceSession.SessionOptions = {
    executionProviders: ["cpu"],
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    graphOptimizationLevel: "all",
    executionMode: "sequential",
  };
  const workers = await Promise.all(
    Array.from({ length: threads }, () => startWorker({ model, inputName, options })),
  );
  const closeAll = async () => {
    await Promise.all(workers.map((worker) => worker.close()));
  };
  return {
    concurrency: threads * RUNS_PER_WORKER,
    run(data, shape) {
      const idlest = workers.reduce((best, worker) => (worker.pending() < best.pending() ? worker : best));
      return idlest.run(data, shape);
    },
    close: closeAll,
  };
}

interface RunningWorker {
  run: SessionPool["run"];
  pending(): number;
  close(): Promise<void>;
}

function startWorker(setup: WorkerSetup): Promise<RunningWorker> {
  // No flags of the parent process: this file needs none, and loaders cost start-up time.
  const worker = new Worker(new URL("./session-worker.mjs", import.meta.url), {
    workerData: setup,
    execArgv: [],
  });
  const waiting = new Map<
    number,
    { resolve: (output: Float32Array<ArrayBuffer>) => void; reject: (error: unknown) => void }
  >();
  let nextId = 0;
  const exited = new Promise<void>((resolve) => worker.once("exit", () => resolve()));

  const running: RunningWorker = {
    run(data, shape) {
      const id = nextId++;
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject });
        worker.postMessage({ id, data, shape } satisfies WorkerRequest, [data.buffer]);
      });
    },
    pending: () => waiting.size,
    close() {
      worker.postMessage("close");
      return exited;
    },
  };

  return new Promise((resolve, reject) => {
    const fail = (cause: unknown) => {
      const error = new FerBenchError("internal", `ONNX Runtime failed: ${String(cause)}`, { cause });
      reject(error);
      for (const run of waiting.values()) run.reject(error);
      waiting.clear();
    };
    worker.on("error", fail);
    worker.on("exit", (status) => {
      if (status !== 0) fail(`a worker thread ended with status ${status}`);
    });
    worker.on("message", ({ id, output, error }: WorkerReply) => {
      if (id === -1) return resolve(running);
      const run = waiting.get(id);
      waiting.delete(id);
      if (output !== undefined) run?.resolve(output);
      else run?.reject(new FerBenchError("internal", `ONNX Runtime failed: ${error}`));
    });
  });
}
