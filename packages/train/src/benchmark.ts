import { DEVICES, ENGINES } from "@fer-bench/models";
import { z } from "zod";
import { finetuneSchema, targetsSchema } from "./finetune-config.ts";
import { overlapSchema } from "./overlap.ts";
import { robustnessSchema } from "./robustness/robustness-config.ts";
import { VIEW_SETS } from "./test-views.ts";

/*
 * benchmark.json: what one benchmark runs. Only `title`, `source`, `targets` and `backbone` must be given;
 * everything else has the paper's value, or Keras's where the paper gives none. "The paper" is R. Singh et al.,
 * "EfficientNet for Human FER using Transfer Learning".
 */

const count = z.int().positive();
const seed = z.int().nonnegative();

const decaySchema = z.strictObject({
  /** What the learning rate is multiplied by: the paper's "decay of 10%" read as x0.9; 0.1 is the other reading. */
  factor: z.number().positive().max(1).default(0.9),
  /** After how many epochs; the paper's 10. */
  everyEpochs: count.default(10),
});

const optimizerSchema = z.strictObject({
  kind: z.literal("sgd").default("sgd"),
  /** The paper's 0.9. */
  momentum: z.number().min(0).lt(1).default(0.9),
  /** Of the first epoch; the paper's 0.001. */
  learningRate: z.number().positive().default(0.001),
  decay: decaySchema.prefault({}),
});

const headSchema = z.strictObject({
  /** Width of the hidden layer; the paper gives none. null leaves it out: multinomial logistic regression. */
  hidden: count.nullable().default(256),
  activation: z.enum(["relu", "swish", "tanh"]).default("relu"),
  /** Share of hidden units (of the features, where there is no hidden layer) dropped in training. */
  dropout: z.number().min(0).lt(1).default(0),
  /** Brings every feature to mean 0 and deviation 1, by the statistics of the training split. */
  standardize: z.boolean().default(true),
});

export const frozenSchema = z.strictObject({
  /** `frozen`: the backbone stays as it is and a head is trained on its features. */
  mode: z.literal("frozen").default("frozen"),
  targets: targetsSchema,
  head: headSchema.prefault({}),
  epochs: count.default(60),
  /** Samples a step; Keras's 32, the paper gives none. */
  batchSize: count.default(32),
  optimizer: optimizerSchema.prefault({}),
  overlap: overlapSchema,
  /** Of the head's first weights, the order of the samples and dropout. */
  seed: seed.default(1),
});

const untrainedSchema = z.strictObject({
  /** `none`: the backbone is a whole classifier, whose outputs are the logits of classes; nothing is trained. */
  mode: z.literal("none"),
});

const trainSchema = z.discriminatedUnion("mode", [frozenSchema, finetuneSchema, untrainedSchema], {
  error: 'the mode is "frozen", "finetune" or "none"',
});

const featuresSchema = z.strictObject({
  /** Images a run of the backbone; another number may change the last digits of features. */
  batchSize: count.default(32),
  /** Of random backbone weights, and of the training images that calibrate their batch norms. */
  seed: seed.default(1),
  /** Training images that set the batch-norm statistics of random weights. */
  calibrationImages: count.default(2048),
});

const evaluateSchema = z.strictObject({
  /**
   * Rows of their own, whose probabilities are averaged over views of each test picture: `flip`, it and its mirror
   * image; `tenCrop`, corners, centre and their mirror images.
   */
  averaged: z.array(z.enum(VIEW_SETS)).default([]),
});

const reportSchema = z.strictObject({
  /** Shows the faces of data sets whose licence keeps them out of reports, for private use: not to be passed on. */
  embedFaces: z.boolean().default(false),
  tsne: z
    .strictObject({
      /** Test features drawn at most, a seeded subset: all of the usual test splits. */
      points: count.default(5000),
      perplexity: z.number().positive().default(30),
      seed: seed.default(1),
    })
    .prefault({}),
  umap: z
    .strictObject({
      points: count.default(5000),
      neighbours: count.default(15),
      minDistance: z.number().nonnegative().default(0.1),
      seed: seed.default(1),
    })
    .prefault({}),
});

/** A row of a published table, to stand beside the measured ones. */
const publishedSchema = z.strictObject({
  method: z.string().min(1),
  backbone: z.string().min(1),
  /** A share between 0 and 1. */
  accuracy: z.number().min(0).max(1, "an accuracy is a share between 0 and 1, not per cent"),
  /** Where the number stands: publication and table. */
  source: z.string().min(1),
  /** Of the method itself, where it is another publication. */
  citation: z.string().min(1).optional(),
  /** The data set it was tested on; the benchmark's own where absent. */
  target: z.string().min(1).optional(),
  /** Test samples, where the publication says so. */
  n: count.optional(),
  /** The split the model was selected on, where the publication says so. */
  selectedOn: z.string().min(1).optional(),
  note: z.string().min(1).optional(),
});

export const benchmarkSchema = z.strictObject({
  title: z.string().min(1),
  /** The data set it is trained on; its validation split selects the epoch. */
  source: z.string().min(1),
  /** The data sets whose test splits it is evaluated on. The source alone: inner protocol; others: cross. */
  targets: z
    .array(z.string().min(1))
    .min(1)
    .refine((targets) => new Set(targets).size === targets.length, "a data set is named twice"),
  /** Backbone and weights, `architecture.weights`, for example `efficientnet-b0.random`; or `pixels`. */
  backbone: z.string().min(1),
  /**
   * A file of weights for the backbone, relative to the workspace. Backbones whose weights are published find them by
   * their checksum and need none.
   */
  weights: z.string().min(1).optional(),
  /** What runs networks: the backbone for its features, the trained head in evaluation; and what fine-tunes. */
  engine: z.enum(ENGINES).default("onnx"),
  /** What the engine computes on. `webgpu` is for onnx; `cuda` needs what its error names. */
  device: z.enum(DEVICES).default("cpu"),
  /** Side of the face chips in pixels; the paper's 48. */
  input: z.strictObject({ size: count.default(48) }).prefault({}),
  features: featuresSchema.prefault({}),
  train: trainSchema.prefault({}),
  evaluate: evaluateSchema.prefault({}),
  /** Tests the trained model on corrupted test pictures, too: a stage of its own. */
  robustness: robustnessSchema,
  /** Works out where in each test picture the model finds its answer: a stage of its own. */
  activationMaps: z.boolean().default(false),
  /** Other benchmarks whose rows stand in this one's table. */
  beside: z.array(z.string().min(1)).default([]),
  report: reportSchema.prefault({}),
  published: z.array(publishedSchema).default([]),
  /** What a reader of the results should know. */
  notes: z.array(z.string().min(1)).default([]),
});

/** What one benchmark runs: a benchmark.json with its defaults filled in. */
export type Benchmark = z.output<typeof benchmarkSchema>;

/** Training of a head on the features of a frozen backbone. */
export type FrozenConfig = z.output<typeof frozenSchema>;
export type HeadConfig = FrozenConfig["head"];
export type OptimizerConfig = FrozenConfig["optimizer"];
export type PublishedRow = Benchmark["published"][number];
