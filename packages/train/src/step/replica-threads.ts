import { FerBenchError } from "@fer-bench/artifacts";
import { startWorkerThread } from "../worker-thread.ts";
import type { ReplicaReply, ReplicaRequest, ReplicaSettings } from "./replica-messages.ts";

const FILE = new URL("./replica-worker.mjs", import.meta.url);

type Done = Extract<ReplicaReply, { kind: "done" }>;

export interface ReplicaThreads {
  /**
   * Works out a step's batches, each thread every so manieth; what it gives is in their order.
   * @throws FerBenchError "internal" where a thread failed, with its reason
   */
  work(requests: readonly ReplicaRequest[]): Promise<Done[]>;
  /** Ends the threads where they are. */
  stop(): Promise<void>;
}

/** Starts threads that each hold the network. They keep the process alive only while they work. */
export function startReplicas(count: number, settings: ReplicaSettings): ReplicaThreads {
  const workers = Array.from({ length: count }, () => startWorkerThread(FILE, settings));
  let failure: string | undefined;
  let pending: { done: Done[]; missing: number; resolve(): void } | undefined;

  const fail = (reason: string): void => {
    failure ??= reason;
    pending?.resolve();
  };
  for (const worker of workers) {
    worker.on("message", (reply: ReplicaReply) => {
      if (reply.kind === "failed") return fail(reply.error);
      if (pending === undefined) return;
      pending.done[reply.index] = reply;
      pending.missing -= 1;
      if (pending.missing === 0) pending.resolve();
    });
    worker.on("error", (error) => fail(String(error)));
    worker.on("exit", (status) => fail(`a thread ended with status ${status}`));
  }
  return {
    async work(requests) {
      const done: Done[] = [];
      for (const worker of workers) worker.ref();
      if (failure === undefined) {
        await new Promise<void>((resolve) => {
          pending = { done, missing: requests.length, resolve };
          requests.forEach((request, i) => {
            const travelling = request.gradients.map(({ data }) => data.buffer);
            workers[i % count]!.postMessage(request, travelling);
          });
        });
      }
      pending = undefined;
      for (const worker of workers) worker.unref();
      if (failure !== undefined) throw new FerBenchError("internal", `a training thread failed: ${failure}`);
      return done;
    },
    async stop() {
      fail("it is closed");
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}
