import { z } from "zod";
import { augmentationSchema } from "./augment/augmentation-config.ts";
import { overlapSchema } from "./overlap.ts";

/*
 * `train` of a benchmark.json with `mode: "finetune"`: the backbone itself is trained, with a head on its pooled
 * features. As in benchmark.ts, defaults are the paper's, and Keras's where the paper gives none; another source is
 * named. An epoch goes through the training split once; a step is one update of the weights.
 */

const count = z.int().positive();
/** A share of units or of blocks that are dropped. */
const rate = z.number().min(0).lt(1);
const fraction = z.number().min(0).max(1);

const scheduleSchema = z
  .discriminatedUnion(
    "kind",
    [
      z.strictObject({
        /** The learning rate is multiplied by `factor` after every so many epochs. */
        kind: z.literal("step").default("step"),
        /** The paper's "decay of 10%" read as x0.9; 0.1 is the other reading. */
        factor: z.number().positive().max(1).default(0.9),
        /** The paper's 10. */
        everyEpochs: count.default(10),
      }),
      z.strictObject({
        /** Down along half a cosine to the last step: Loshchilov and Hutter, "SGDR" (2017), without restarts. */
        kind: z.literal("cosine"),
        /** What is left of the learning rate at the end, as a share of it; PyTorch's 0. */
        finalFraction: fraction.default(0),
      }),
      z.strictObject({
        /** Up and down along two half cosines; `learningRate` is the peak. Smith and Topin, "Super-Convergence" (2018). */
        kind: z.literal("oneCycle"),
        /** Share of the steps that go up; PyTorch's 0.3. */
        warmupShare: z.number().min(0).lt(1).default(0.3),
        /** The first step's share of the peak; PyTorch's 1/25. */
        initialFraction: fraction.default(0.04),
        /** The last step's share of the peak; PyTorch's 1/25 of 1/10,000. */
        finalFraction: fraction.default(4e-6),
      }),
    ],
    { error: 'the kind is "step", "cosine" or "oneCycle"' },
  )
  .prefault({});

/** Before the schedule, which then runs over the steps that are left. Goyal et al., "Accurate, Large Minibatch SGD" (2017). */
const warmupSchema = z.strictObject({
  /** In `unit`. */
  length: z.number().positive(),
  unit: z.enum(["epochs", "steps"]).default("epochs"),
  /** The first step's share of the schedule's first rate, from where it rises linearly; torchvision's 0.01. */
  startFraction: fraction.default(0.01),
});

const rateFields = {
  /** The paper's 0.001. */
  learningRate: z.number().positive().default(0.001),
  schedule: scheduleSchema,
  /** null: none. */
  warmup: warmupSchema.nullable().default(null),
};

const optimizerSchema = z
  .discriminatedUnion(
    "kind",
    [
      z.strictObject({
        kind: z.literal("sgd").default("sgd"),
        /** The paper's 0.9. */
        momentum: z.number().min(0).lt(1).default(0.9),
        /** Looks ahead by the momentum, as Keras's `nesterov`. */
        nesterov: z.boolean().default(false),
        /**
         * Times the weight is added to its gradient, as PyTorch's SGD does; kernels alone, no parameter of a batch norm
         * and no bias. The paper gives none.
         */
        weightDecay: z.number().nonnegative().default(0),
        ...rateFields,
      }),
      z.strictObject({
        kind: z.literal("adamw"),
        /** Decay of the gradient's and of its square's moving average; those of Kingma and Ba, "Adam" (2015). */
        betas: z.tuple([rate, rate]).default([0.9, 0.999]),
        /** Added to the root of the gradient's second moment; PyTorch's. */
        epsilon: z.number().positive().default(1e-8),
        /**
         * Times the learning rate, what a weight loses a step, apart from its gradient (Loshchilov and Hutter, 2019);
         * kernels alone, no parameter of a batch norm and no bias. PyTorch's 0.01.
         */
        weightDecay: z.number().nonnegative().default(0.01),
        ...rateFields,
      }),
    ],
    { error: 'the kind is "sgd" or "adamw"' },
  )
  .prefault({});

const headSchema = z.strictObject({
  /** Width of a hidden layer; null, as in EfficientNet itself, leads straight from the pooled features to the classes. */
  hidden: count.nullable().default(null),
  activation: z.enum(["relu", "swish", "tanh"]).default("relu"),
  /** Share of the hidden units, or of the pooled features, dropped in training; Keras's `top_dropout` of B0. */
  dropout: rate.default(0.2),
});

const lossSchema = z.strictObject({
  /** Cross-entropy against (1 - s) x target + s / classes: Szegedy et al. (2016), who take 0.1. The paper gives none. */
  labelSmoothing: rate.default(0),
  /**
   * What the loss of a sample is multiplied by: `none`, 1; `balanced`, by its class, samples / (classes x samples of
   * the class), scikit-learn's; or a number a class, in the order of the data set's classes.
   */
  classWeights: z
    .union([z.enum(["none", "balanced"]), z.array(z.number().nonnegative()).min(2)], {
      error: 'class weights are "none", "balanced" or a list of numbers',
    })
    .default("none"),
});

const checkpointsSchema = z
  .strictObject({
    /** A checkpoint to go on from after so many steps; null: not by steps. */
    everySteps: count.nullable().default(null),
    /** After so many minutes of training; null: not by time. */
    everyMinutes: z.number().positive().nullable().default(10),
  })
  .prefault({});

/**
 * What the loss is taken against: `labels`, each sample's class; `votes`, the shares of its annotators' votes, in a data
 * set that has them. The epoch is chosen by the labels in either case.
 */
export const targetsSchema = z
  .enum(["labels", "votes"], { error: 'the targets are "labels" or "votes"' })
  .default("labels");

export const finetuneSchema = z.strictObject({
  /** `finetune`: the backbone's layers are trained, not only a head. */
  mode: z.literal("finetune"),
  targets: targetsSchema,
  /**
   * What is trained: the `head`; `all`; or everything from a layer on, or from the first layer of a block
   * (`block6a`), to the end. Batch norms of what is frozen keep their statistics, as in Keras.
   */
  trainable: z
    .union([z.enum(["head", "all"]), z.strictObject({ from: z.string().min(1) })], {
      error: 'what is trained is "head", "all" or { "from": a layer or block }',
    })
    .default("all"),
  head: headSchema.prefault({}),
  /** Share of the samples for which the deepest residual block is skipped; null: the network's own, Keras's 0.2. */
  dropConnect: rate.nullable().default(null),
  epochs: count.default(60),
  /** Samples whose gradient is computed at once, and over which batch norms average; Keras's 32. */
  batchSize: count.default(32),
  /** Batches whose gradients make one step: more samples a step without more memory. */
  accumulate: count.default(1),
  optimizer: optimizerSchema,
  loss: lossSchema.prefault({}),
  /** Largest length of all gradients together; longer ones are scaled down to it. null: none. */
  clip: z.number().positive().nullable().default(null),
  /**
   * Decay a step of an exponential moving average of the weights, which is then validated and kept in their place.
   * null: none.
   */
  ema: z.number().positive().lt(1).nullable().default(null),
  augmentation: augmentationSchema.prefault({}),
  checkpoints: checkpointsSchema,
  overlap: overlapSchema,
  /** Of the head's first weights, the order of the samples, augmentation and dropout. */
  seed: z.int().nonnegative().default(1),
});

/** How a network is fine-tuned, defaults filled in. */
export type FinetuneConfig = z.output<typeof finetuneSchema>;
/** The learning rate over a training. */
export type RateConfig = Pick<FinetuneConfig["optimizer"], "learningRate" | "schedule" | "warmup">;
export type Schedule = RateConfig["schedule"];
export type Warmup = NonNullable<RateConfig["warmup"]>;
