import type { Augmentation } from "./augmentation-config.ts";
import { PLAN } from "./plan-layout.mjs";

/** One batch's place in memory that the training thread and the augmenting threads share. */
export interface BatchSlot {
  /** Its place among the slots. */
  readonly index: number;
  /** What is to be done, a row a sample, [batchSize, PLAN.length]. */
  readonly plans: Float64Array<SharedArrayBuffer>;
  /** [batchSize, size, size, channels] */
  readonly pictures: Uint8Array<SharedArrayBuffer>;
  /** [batchSize, classes] */
  readonly targets: Float32Array<SharedArrayBuffer>;
  /** 1 where the batch is finished, [1]. */
  readonly ready: Int32Array<SharedArrayBuffer>;
}

/** What `augment-worker.mjs` starts with. */
export interface WorkerSettings {
  /** [N, size, size, channels] */
  faces: Uint8Array<SharedArrayBuffer>;
  /** [N, classes] */
  targets: Float32Array<SharedArrayBuffer>;
  slots: readonly BatchSlot[];
  size: number;
  channels: 1 | 3;
  classes: number;
  border: Augmentation["border"];
  fill: NonNullable<Augmentation["erase"]>["fill"];
}

/** Makes the batch of `count` samples whose plans stand in a slot. */
export interface WorkerRequest {
  slot: number;
  count: number;
}

export type WorkerReply = { kind: "ready" } | { kind: "failed"; slot: number; error: string };

export function allocateSlot(index: number, batchSize: number, pixels: number, classes: number): BatchSlot {
  return {
    index,
    plans: new Float64Array(new SharedArrayBuffer(8 * batchSize * PLAN.length)),
    pictures: new Uint8Array(new SharedArrayBuffer(batchSize * pixels)),
    targets: new Float32Array(new SharedArrayBuffer(4 * batchSize * classes)),
    ready: new Int32Array(new SharedArrayBuffer(4)),
  };
}
