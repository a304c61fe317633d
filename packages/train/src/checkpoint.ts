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
  type Model,
  softmaxHead,
  type Tensor,
  type Weights,
} from "@fer-bench/models";
import { z } from "zod";

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

const trainedHeadSchema = z.strictObject({
  inputs: z.int().positive(),
  classes: z.int().positive(),
  hidden: z.int().positive().nullable(),
  activation: z.enum(["relu", "swish", "tanh"]),
  dropout: z.number(),
  standardize: z.boolean(),
});

const softmaxHeadSchema = z.strictObject({
  kind: z.literal("softmax"),
  inputs: z.int().positive(),
  classes: z.int().positive(),
});

const headSchema = z.union([trainedHeadSchema, softmaxHeadSchema]);

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
  await writeSafetensors(path, toSafetensors(weights), {
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
  const checkpoint = { ...rest, weights: fromSafetensors(tensors, path) };
  checkWeights(headModel(checkpoint).graph, checkpoint.weights, path);
  return checkpoint;
}

/** The head as a graph that ends with probabilities. */
export function headModel({ head, weights }: Pick<HeadCheckpoint, "head" | "weights">): Model {
  const graph = "kind" in head ? softmaxHead(head.classes) : classifierHead({ ...head, softmax: true });
  return { graph, weights };
}

type Safetensors = Awaited<ReturnType<typeof readSafetensors>>["tensors"];

export function toSafetensors(weights: Weights): Safetensors {
  return new Map([...weights].map(([name, tensor]) => [name, { dtype: "F32", ...tensor }]));
}

export function fromSafetensors(tensors: Safetensors, file: string): Map<string, Tensor> {
  return new Map(
    [...tensors].map(([name, { dtype, shape, data }]) => {
      if (dtype !== "F32") {
        throw new FerBenchError("bad-artifact", `tensor ${name} is ${dtype}, not F32`, {
          file,
          field: name,
          remedy: "run the stage that writes the file again",
        });
      }
      return [name, { shape, data: Float32Array.from(data as Float32Array) }];
    }),
  );
}
