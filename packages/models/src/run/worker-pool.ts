import type { Worker } from "node:worker_threads";
import type { BatchRunner, RowData } from "./batch-runner.ts";

export interface WorkerRequest {
  kind: "run";
  id: number;
  data: RowData;
  shape: number[];
}

/** What a worker (`serve-runs.mjs`) is told: to start, once, from whatever it starts from; to run; to close. */
export type WorkerMessage<Start> = { kind: "start"; from: Start } | WorkerRequest | { kind: "close" };

export type WorkerReply =
  | { kind: "ready" }
  | { kind: "refused"; error: string }
  | { kind: "done"; id: number; output: Float32Array<ArrayBuffer> }
  | { kind: "failed"; id: number; error: string };

export interface WorkerPoolOptions<Start> {
  threads: number;
  /** Starts a thread that serves runs. */
  open(): Worker;
  /** What each thread starts from; it is copied to it. */
  from: Start;
  /** The error that a thread's complaint becomes, of its start or of a run. */
  failure(cause: unknown, during: "start" | "run"): Error;
}

/** One run in work and one waiting, so that a thread never waits for the main one. */
const RUNS_PER_WORKER = 2;

/** Threads that each have the network for themselves; a run goes to the one with the least to do. */
export async function startWorkerPool<Start>(options: WorkerPoolOptions<Start>): Promise<BatchRunner> {
  const { threads } = options;
  const started = await Promise.allSettled(Array.from({ length: threads }, () => startWorker(options)));
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
  run: BatchRunner["run"];
  /** How many runs are not yet answered. */
  pending(): number;
  close(): Promise<void>;
}

interface Settle {
  resolve(output: Float32Array<ArrayBuffer>): void;
  reject(error: unknown): void;
}

function startWorker<Start>({ open, from, failure }: WorkerPoolOptions<Start>): Promise<RunningWorker> {
  const worker = open();
  const exited = new Promise<void>((resolve) => worker.once("exit", () => resolve()));
  const waiting = new Map<number, Settle>();
  const send = (message: WorkerMessage<Start>, transfer: ArrayBuffer[] = []) =>
    worker.postMessage(message, transfer);
  let nextId = 0;
  let started = false;
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
      if (closing) return Promise.reject(failure("its sessions are closed", "run"));
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
      const error = failure(cause, started ? "run" : "start");
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
          started = true;
          worker.unref();
          return resolve(running);
        case "refused":
          failAll(reply.error);
          return void worker.terminate();
        case "done":
          return settle(reply.id)?.resolve(reply.output);
        case "failed":
          return settle(reply.id)?.reject(failure(reply.error, "run"));
      }
    });
    send({ kind: "start", from });
  });
}
