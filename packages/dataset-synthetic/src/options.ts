import { z } from "zod";

const splitCounts = (train: number, validation: number, test: number) =>
  z
    .strictObject({
      train: z.int().min(1).max(100_000).default(train),
      validation: z.int().min(1).max(100_000).default(validation),
      test: z.int().min(1).max(100_000).default(test),
    })
    .prefault({});

/** What can be chosen about the rendered data set; every field has a default. */
export const syntheticOptions = z.strictObject({
  /** Seed of everything that is drawn by lot. */
  seed: z
    .int()
    .min(0)
    .max(2 ** 32 - 1)
    .default(1),
  /** Side of the square pictures, in pixels. */
  size: z.int().min(48).max(1024).default(160),
  /** People per split; nobody is in two. */
  identities: splitCounts(200, 50, 50),
  /** Pictures of each person with each of the seven expressions. */
  samplesPerExpression: z.int().min(1).max(1000).default(1),
  /** Least strength of an expression, 0 to 1: what is weak looks like neutral. */
  weakest: z.number().min(0).max(1).default(0.5),
  /** How far pose, light and framing vary: 0 passport photographs, 1 snapshots. */
  variation: z.number().min(0).max(1.5).default(1),
  /** Share of pictures with a hand, hair, scarf or sunglasses in front of the face. */
  occlusion: z.number().min(0).max(1).default(0.2),
});

export type SyntheticOptions = z.infer<typeof syntheticOptions>;
