import { z } from "zod";

const sequenceSchema = z.strictObject({
  subject: z.string(),
  /** `S005_001` */
  name: z.string(),
  /** Index of EMOTIONS. */
  emotion: z.int().min(0).max(7),
  /** `S005_001_00000001`, where the sequence begins with a neutral face; absent of the 48x48 form. */
  first: z.string().optional(),
  /** The last frames, up to three, in their order. */
  last: z.array(z.string()).min(1).max(3),
  /** Of the frames above, where they were supplied: x0, y0 ... x67, y67. */
  landmarks: z.record(z.string(), z.array(z.number()).length(136)),
});

/** What is kept of an import beside the pictures: the sequences that have an emotion, and what else there was. */
export const contentsSchema = z.strictObject({
  form: z.enum(["sequences", "48x48"]),
  sequences: z.array(sequenceSchema),
  /** Sequences without an emotion. */
  unlabelled: z.int().nonnegative(),
  /** Of all sequences. */
  subjects: z.int().nonnegative(),
});

export type Contents = z.infer<typeof contentsSchema>;
export type Sequence = z.infer<typeof sequenceSchema>;
