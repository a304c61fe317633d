import { z } from "zod";
import type { HeadOptions } from "../head.ts";

const words = z.string().min(1);
const share = z.number().min(0).max(1);
const count = z.int().nonnegative();

/** The arguments of `classifierHead`, but `softmax`, which adds no parameter. */
export const headOptionsSchema = z.strictObject({
  inputs: z.int().positive(),
  classes: z.int().positive(),
  hidden: z.int().positive().nullable(),
  activation: z.enum(["relu", "swish", "tanh"]),
  dropout: z.number().min(0).lt(1),
  standardize: z.boolean(),
}) satisfies z.ZodType<Omit<HeadOptions, "softmax">>;

/** What a classifier's file says of it for readers and programs; nothing here changes what it computes. */
export const classifierCardSchema = z.strictObject({
  /** What it is, in a line. */
  title: words,
  backbone: z.strictObject({
    /** `architecture.weights`, as it was registered. */
    name: words,
    title: words,
    /** What every number that rests on it needs said. */
    note: words.optional(),
    /** The file that its weights came from; absent where from none. */
    weights: z
      .strictObject({ name: words, bytes: count, sha256: words, framework: words, published: z.boolean() })
      .optional(),
  }),
  /** Absent where the backbone is a whole classifier, which no head was trained for. */
  head: headOptionsSchema.optional(),
  /** How a face becomes the picture that the graph reads. All that comes after is in the graph. */
  picture: z
    .strictObject({
      /** Where the face is in a raw picture: settings of the preprocess stage. */
      face: z.looseObject({ kind: words }),
      resize: words,
      /** How colour becomes grey, where the network reads grey. */
      grey: words.optional(),
    })
    .optional(),
  /** Absent where nothing was trained. */
  training: z
    .strictObject({
      dataset: words,
      title: words,
      /** Of the pictures. `redistributable`: whether they may be passed on. */
      licence: z.strictObject({ name: words, url: words.optional(), redistributable: z.boolean() }),
      citation: words,
      samples: z.strictObject({ train: count, validation: count }),
      /** The epoch that it is of, from 1, and the split that chose it. */
      epoch: z.int().positive(),
      selectedOn: words,
    })
    .optional(),
  /** Accuracies measured, as shares with their 95% interval. */
  results: z
    .array(
      z.strictObject({
        dataset: words,
        split: words,
        n: count,
        accuracy: share,
        low: share,
        high: share,
        /** Of always answering with the class most frequent in training. */
        majority: share,
      }),
    )
    .default([]),
  notes: z.array(words).default([]),
});

export type ClassifierCard = z.output<typeof classifierCardSchema>;
