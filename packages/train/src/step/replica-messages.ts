import type { InferenceSession } from "onnxruntime-node";
import type { Floats } from "./flat-parameters.ts";
import type { BatchFeeds, BatchResult } from "./step-runner.ts";
import type { BatchLayout } from "./step-tensors.mjs";

/** What `replica-worker.mjs` starts with. */
export interface ReplicaSettings {
  /** Of the graph of `lowerGradients`. */
  bytes: Uint8Array;
  session: InferenceSession.SessionOptions;
  /** The vectors of parameters, which the training thread renews after every step. */
  parameters: readonly { name: string; shared: Float32Array<SharedArrayBuffer> }[];
  layout: BatchLayout;
}

/** A vector that travels with its memory: whoever sent it has it no more. */
export interface TravellingVector {
  /** Of the graph's output. */
  name: string;
  data: Floats;
}

/** Works out one batch. */
export interface ReplicaRequest extends Omit<BatchFeeds, "scalars"> {
  /** The step's number: parameters are fetched anew where it changed. */
  step: number;
  /** Of the batch in its step. */
  index: number;
  /** Where the gradients go, in the order of the graph's outputs. */
  gradients: readonly TravellingVector[];
}

export type ReplicaReply =
  | ({ kind: "done"; index: number; gradients: readonly TravellingVector[] } & BatchResult)
  | { kind: "failed"; error: string };
