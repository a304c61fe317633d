import type { Worker } from "node:worker_threads";
import { type ErrorCode, type ErrorDetails, FerBenchError, openThread } from "@fer-bench/artifacts";
import type { CutFace, CutSettings } from "./cut-faces.ts";
import type { Locatable } from "./located-face.ts";
import type { Cutter } from "./write-faces.ts";

export interface CutRequest {
  readonly number: number;
  readonly sample: Locatable;
}

export type CutReply =
  | { readonly number: number; readonly faces: CutFace[] }
  | { readonly number: number; readonly error: unknown };

export interface CutThreads extends Cutter {
  close(): Promise<void>;
}

/** Pictures for each thread: one that it works on, and the next. */
const PER_THREAD = 2;

/**
 * Threads that cut faces; each picture goes to the one with the least to do. What they give does not depend on how many
 * they are.
 */
export function startCutThreads(count: number, settings: CutSettings): CutThreads {
  const threads = Array.from({ length: count }, () => startThread(settings));
  return {
    cut: (sample) =>
      threads.reduce((best, thread) => (thread.waiting() < best.waiting() ? thread : best)).cut(sample),
    atOnce: PER_THREAD * count,
    async close() {
      await Promise.all(threads.map((thread) => thread.close()));
    },
  };
}

interface Waiting {
  resolve(faces: CutFace[]): void;
  reject(error: unknown): void;
}

function startThread(settings: CutSettings) {
  const worker: Worker = openThread("./cut-thread", import.meta.url, { workerData: settings });
  const waiting = new Map<number, Waiting>();
  let sent = 0;
  let ended: unknown;
  const end = (error: unknown): void => {
    ended ??= error;
    for (const { reject } of waiting.values()) reject(ended);
    waiting.clear();
  };
  worker.on("message", (reply: CutReply) => {
    const { resolve, reject } = waiting.get(reply.number)!;
    waiting.delete(reply.number);
    if ("faces" in reply) resolve(reply.faces);
    else reject(revived(reply.error));
  });
  worker.on("error", end);
  worker.on("exit", (status) => end(new Error(`a thread that cuts faces ended with status ${status}`)));
  return {
    waiting: () => waiting.size,
    cut: ({ id, path, image, box, landmarks }: Locatable): Promise<CutFace[]> =>
      new Promise((resolve, reject) => {
        if (ended !== undefined) return reject(ended);
        const number = sent++;
        waiting.set(number, { resolve, reject });
        // A copy of the pixels alone: they may be a part of something larger, and the caller keeps them.
        const data = Uint8Array.from(image.data);
        const sample = {
          id,
          path,
          image: { ...image, data },
          ...(box && { box }),
          ...(landmarks && { landmarks }),
        };
        worker.postMessage({ number, sample } satisfies CutRequest, [data.buffer]);
      }),
    close: () => worker.terminate(),
  };
}

function revived(error: unknown): unknown {
  if (error instanceof Error) return error;
  const { code, message, ...details } = error as { code: ErrorCode; message: string } & ErrorDetails;
  return new FerBenchError(code, message, details);
}
