import type { Worker } from "node:worker_threads";
import { openThread } from "@fer-bench/artifacts";
import type { EncodedSample } from "./encode-sample.ts";
import type { SyntheticOptions } from "./options.ts";
import type { PlannedSample } from "./plan.ts";

export interface RenderRequest {
  readonly number: number;
  readonly sample: PlannedSample;
  readonly options: SyntheticOptions;
}

export interface RenderReply {
  readonly number: number;
  readonly encoded: EncodedSample;
}

export interface RenderThreads {
  render(sample: PlannedSample, options: SyntheticOptions): Promise<EncodedSample>;
  close(): Promise<void>;
}

interface Thread {
  readonly worker: Worker;
  readonly waiting: Map<number, { resolve(encoded: EncodedSample): void; reject(error: unknown): void }>;
}

/** Starts threads that render; each picture goes to the one with the least to do. */
export function startRenderThreads(count: number): RenderThreads {
  const threads = Array.from({ length: count }, startThread);
  let sent = 0;
  return {
    render(sample, options) {
      const idlest = threads.reduce((best, thread) =>
        thread.waiting.size < best.waiting.size ? thread : best,
      );
      const number = sent++;
      return new Promise((resolve, reject) => {
        idlest.waiting.set(number, { resolve, reject });
        idlest.worker.postMessage({ number, sample, options } satisfies RenderRequest);
      });
    },
    async close() {
      await Promise.all(threads.map(({ worker }) => worker.terminate()));
    },
  };
}

function startThread(): Thread {
  const worker = openThread("./render-thread", import.meta.url, {
    resourceLimits: { maxYoungGenerationSizeMb: 64 },
  });
  const waiting: Thread["waiting"] = new Map();
  worker.on("message", ({ number, encoded }: RenderReply) => {
    waiting.get(number)?.resolve(encoded);
    waiting.delete(number);
  });
  worker.on("error", (error) => {
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  });
  return { worker, waiting };
}
