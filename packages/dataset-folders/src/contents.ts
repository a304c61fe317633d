import { SPLITS } from "@fer-bench/datasets";
import { z } from "zod";

/** What is kept of an import beside the pictures. */
export const contentsSchema = z.strictObject({
  pictures: z.array(
    z.strictObject({
      path: z.string(),
      /** The class as the data set calls it. */
      word: z.string(),
      /** Absent where the data set does not say. */
      split: z.enum(SPLITS).optional(),
      subject: z.string().optional(),
      box: z
        .strictObject({ left: z.number(), top: z.number(), width: z.number(), height: z.number() })
        .optional(),
    }),
  ),
});

export type Contents = z.infer<typeof contentsSchema>;
export type Picture = Contents["pictures"][number];
