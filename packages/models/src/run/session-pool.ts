import { Worker } from "node:worker_threads";
import { FerBenchError } from "@fer-bench/artifacts";
import type { InferenceSession } from "onnxruntime-node";

export type RowData = Uint8Array<ArrayBuffer> | Float32Array<ArrayBuffer>;

export interface SessionPool {
  /** Runs the model on one input and resolves to its output; `data` is handed over and empty afterwards. */
  run(data: RowData, shape: number[]): Promise<Float32Array<ArrayBuffer>>;
  /** How many runs at once keep every thread busy. */
  concurrency: number;
  close(): Promise<void>;
}

export interface WorkerRequest {
  kind: "run";
  id: number;
  data: RowData;
  shape: number[];
}

/** What `session-worker.mjs` is told: to start, once; to run; to close. */
export type WorkerMessage =
  | { kind: "start"; model: Uint8Array; options: InferenceSession.SessionOptions }
  | WorkerRequest
  | { kind: "close" };

export type WorkerReply =
  | { kind: "ready" }
  | { kind: "refused"; error: string }
  | { kind: "done"; id: number; output: Float32Array<ArrayBuffer> }
  | { kind: "failed"; id: number; error: string };

/** One run in work and one waiting, so that a thread never waits for the main one. */
const RUNS_PER_WORKER = 2;

const SESSION_OPTIONS: InferenceSession.SessionOptions = {
  executionProviders: ["cpu"],
  graphOptimizationLevel: "all",
  executionMode: "sequential",
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
};

/**
 * Sessions of one model (one input, one output) in worker threads, a core each. Batches side by side need no
 * synchronisation inside an operator: faster on free cores than one session of many threads, and far steadier on
 * shared ones.
 */
export async function createSessionPool(model: Uint8Array, threads: number): Promise<SessionPool> {
  const started = await Promise.allSettled(Array.from({ length: threads }, () => startWorker(model)));
  const workers = started.filter((start) => start.status === "fulfilled").map((start) => start.value);
  const refused = started.find((start) => start.status === "rejected");
  if (refused !== undefined) {
    await Promise.all(workers.map((worker) => worker.close()));
    throw refused.reason;
  }
  return {
    concurrency: threads * RUNS_PER_WORKER,
    run(data, shape) {
      const idlest = workers.reduce((best, worker) => (worker.pending() < best.pending() ? worker : best));
      return idlest.run(data, shape);
    },
    async close() {
      await Promise.all(workers.map((worker) => worker.close()));
    },
  };
}

interface RunningWorker {
  run: SessionPool["run"];
  /** How many runs are not yet answered. */
  pending(): number;
  close(): Promise<void>;
}

interface Settle {
  resolve(output: Float32Array<ArrayBuffer>): void;
  reject(error: unknown): void;
}

function startWorker(model: Uint8Array): Promise<RunningWorker> {
  // No flags of the parent process: the worker needs none, and loaders cost start-up time.
  const worker = new Worker(new URL("./session-worker.mjs", import.meta.url), { execArgv: [] });
  const exited = new Promise<void>((resolve) => worker.once("exit", () => resolve()));
  const waiting = new Map<number, Settle>();
  const send = (message: WorkerMessage, transfer: ArrayBuffer[] = []) =>
    worker.postMessage(message, transfer);
  let nextId = 0;
  let closing = false;
  /** An idle worker does not keep the process alive. */
  const settle = (id: number): Settle | undefined => {
    const run = waiting.get(id);
    waiting.delete(id);
    if (waiting.size === 0 && !closing) worker.unref();
    return run;
  };

  const running: RunningWorker = {
    run(data, shape) {
      if (closing) return Promise.reject(failure("its sessions are closed"));
      const id = nextId++;
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject });
        worker.ref();
        send({ kind: "run", id, data, shape }, [data.buffer]);
      });
    },
    pending: () => waiting.size,
    close() {
      if (!closing) {
        closing = true;
        worker.ref();
        send({ kind: "close" });
      }
      return exited;
    },
  };

  return new Promise((resolve, reject) => {
    const failAll = (cause: unknown) => {
      const error = failure(cause);
      reject(error);
      for (const run of waiting.values()) run.reject(error);
      waiting.clear();
    };
    worker.on("error", failAll);
    worker.on("exit", (status) => {
      if (status !== 0 || waiting.size > 0) failAll(`a worker thread ended with status ${status}`);
    });
    worker.on("message", (reply: WorkerReply) => {
      switch (reply.kind) {
        case "ready":
          worker.unref();
          return resolve(running);
        case "refused":
          failAll(reply.error);
          return void worker.terminate();
        case "done":
          return settle(reply.id)?.resolve(reply.output);
        case "failed":
          return settle(reply.id)?.reject(failure(reply.error));
      }
    });
    send({ kind: "start", model, options: SESSION_OPTIONS });
  });
}

function failure(cause: unknown): FerBenchError {
  return new FerBenchError("internal", `ONNX Runtime failed: ${String(cause)}`, { cause });
}
