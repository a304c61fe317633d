import { z } from "zod";

/** A column's name in the header. */
const column = z.string().min(1);
const share = z.number().min(0).max(0.5);

export const foldersOptions = z.strictObject({
  /**
   * `folders`: each picture lies in the folder of its class, which may lie in one of its split. `csv`: a table names
   * each picture and its class.
   */
  layout: z.enum(["folders", "csv"]).default("folders"),
  /** What the data set calls its classes, where it is not a usual word for an expression: `{ "0": "angry" }`. */
  classes: z.record(z.string(), z.string().min(1)).default({}),
  /** The table's columns. Paths are relative to the table's folder. */
  columns: z
    .strictObject({
      image: column.default("image"),
      label: column.default("label"),
      split: column.default("split"),
      subject: column.default("subject"),
      left: column.default("left"),
      top: column.default("top"),
      width: column.default("width"),
      height: column.default("height"),
    })
    .prefault({}),
  /**
   * The shares that are held out, drawn by lot, where the data set has no test or no validation split: of each class;
   * where subjects are named, of the subjects.
   */
  holdOut: z
    .strictObject({
      test: share.default(0.2),
      validation: share.default(0.1),
      seed: z.int().nonnegative().default(1),
    })
    .prefault({}),
});

export type FoldersOptions = z.infer<typeof foldersOptions>;
