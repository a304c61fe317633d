import {
  FerBenchError,
  parseConfig,
  readSafetensors,
  stableStringify,
  writeSafetensors,
} from "@fer-bench/artifacts";
import {
  checkWeights,
  classifierHead,
  fromStoredTensors,
  headOptionsSchema,
  type Model,
  softmaxHead,
  toStoredTensors,
  type Weights,
} from "@fer-bench/models";
import { z } from "zod";
import type { Features } from "./features-artifact.ts";

/** Its name in a train stage's folder. */
export const CHECKPOINT_FILE = "checkpoint.safetensors";

/** What a head's checkpoint says besides its weights. */
export interface HeadCheckpoint {
  /** The backbone whose features it reads, `architecture.weights`. */
  backbone: string;
  /** What its outputs mean, in their order. */
  classes: string[];
  /** The arguments of `classifierHead`, but `softmax`; or a `softmax` of what is logits already, with no weights. */
  head: z.output<typeof headSchema>;
  /** The epoch that it is of, from 1; 0 where nothing was trained. */
  epoch: number;
  weights: Weights;
}

const softmaxHeadSchema = z.strictObject({
  kind: z.literal("softmax"),
  inputs: z.int().positive(),
  classes: z.int().positive(),
});

const headSchema = z.union([headOptionsSchema, softmaxHeadSchema]);

const jsonText = z.string().transform((text, context): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue("not JSON");
    return z.NEVER;
  }
});

const metadataSchema = z.object({
  format: z.literal("fer-bench-head"),
  backbone: z.string(),
  classes: jsonText.pipe(z.array(z.string())),
  head: jsonText.pipe(headSchema),
  epoch: z.coerce.number().pipe(z.int().nonnegative()),
});

/** Writes a head with Keras's parameter names and layouts; the rest is in the file's metadata, lists as JSON. */
export async function writeHeadCheckpoint(path: string, checkpoint: HeadCheckpoint): Promise<void> {
  const { backbone, classes, head, epoch, weights } = checkpoint;
  await writeSafetensors(path, toStoredTensors(weights), {
    format: "fer-bench-head",
    backbone,
    classes: JSON.stringify(classes),
    head: stableStringify(head),
    epoch: String(epoch),
  });
}

/** Reads a head. Errors: FerBenchError naming the file where it is no whole checkpoint of a head. */
export async function readHeadCheckpoint(path: string): Promise<HeadCheckpoint> {
  const { tensors, metadata } = await readSafetensors(path);
  const { format: _, ...rest } = parseConfig(metadataSchema, metadata, path);
  const checkpoint = { ...rest, weights: fromStoredTensors(tensors, path) };
  checkWeights(headModel(checkpoint).graph, checkpoint.weights, path);
  return checkpoint;
}

/** Reads the head that was trained on these features. Errors: also "bad-artifact" where it was trained on others. */
export async function readHeadOf(features: Features, path: string): Promise<HeadCheckpoint> {
  const checkpoint = await readHeadCheckpoint(path);
  if (checkpoint.backbone !== features.backbone.name || checkpoint.head.inputs !== features.dimensions) {
    throw new FerBenchError("bad-artifact", `the head was trained on features of ${checkpoint.backbone}`, {
      file: path,
      remedy: "run the benchmark's train stage again",
    });
  }
  return checkpoint;
}

/** The head as a graph that ends with probabilities. */
export function headModel({ head, weights }: Pick<HeadCheckpoint, "head" | "weights">): Model {
  const graph = "kind" in head ? softmaxHead(head.classes) : classifierHead({ ...head, softmax: true });
  return { graph, weights };
}
