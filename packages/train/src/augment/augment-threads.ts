import { startWorkerThread } from "../worker-thread.ts";
import type { WorkerReply, WorkerRequest, WorkerSettings } from "./batch-slots.ts";

const FILE = new URL("./augment-worker.mjs", import.meta.url);

/** What went wrong, and in which slot, where that is known. */
export interface ThreadFailure {
  slot?: number;
  error: string;
}

export interface AugmentThreads {
  /** Gives a batch to the threads, in turns. Returns at once. */
  send(request: WorkerRequest): void;
  /** Resolves when a thread finishes a batch, or to what went wrong; for one caller at a time. */
  news(): Promise<ThreadFailure | undefined>;
  /** Ends the threads where they are. Who waits for news hears that they stopped. */
  stop(): Promise<void>;
}

/** Threads that augment pictures in the memory of `settings`. They keep the process alive only while awaited. */
export function startThreads(count: number, settings: WorkerSettings): AugmentThreads {
  const workers = Array.from({ length: count }, () => startWorkerThread(FILE, settings));
  let sent = 0;
  let failure: ThreadFailure | undefined;
  let tell: (() => void) | undefined;

  const report = (news?: ThreadFailure): void => {
    failure ??= news;
    tell?.();
  };
  for (const worker of workers) {
    worker.on("message", (reply: WorkerReply) => report(reply.kind === "failed" ? reply : undefined));
    worker.on("error", (error) => report({ error: String(error) }));
    worker.on("exit", (status) => report({ error: `a thread ended with status ${status}` }));
  }
  return {
    send(request) {
      workers[sent++ % count]!.postMessage(request);
    },
    async news() {
      if (failure !== undefined) return failure;
      for (const worker of workers) worker.ref();
      await new Promise<void>((resolve) => {
        tell = resolve;
      });
      tell = undefined;
      for (const worker of workers) worker.unref();
      return failure;
    },
    async stop() {
      report({ error: "it is closed" });
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}
