import { z } from "zod";

/*
 * How test pictures are corrupted, and how far. The idea is ImageNet-C's (D. Hendrycks and T. Dietterich, "Benchmarking
 * Neural Network Robustness to Common Corruptions and Perturbations", 2019): kinds of damage that no training saw, each
 * in graded severities, the clean test set beside them. Its numbers are for photographs of 224 pixels; these are ours,
 * for face chips of 48, from what one hardly sees to where people begin to guess (docs/corruptions.png), each in a unit
 * that can be measured.
 */

/** What a kind does to a picture, and what its value counts. */
interface Corruption {
  /** As a heading. */
  title: string;
  /** What the value is, with its unit. */
  unit: string;
  /** Whether larger values are more severe, or smaller ones. */
  worse: "larger" | "smaller";
  value: z.ZodNumber;
  /** Mild to severe. */
  values: readonly number[];
}

const factorBelowOne = z.number().positive().lt(1);

export const CORRUPTIONS = {
  /** A square at a random place takes the picture's mean level: Zhong et al.'s random erasing, as in training. */
  occlusion: {
    title: "Occlusion",
    unit: "% of the area covered",
    worse: "larger",
    value: z.number().positive().lt(100),
    values: [5, 10, 20, 30, 40],
  },
  /** Levels are multiplied: a shorter exposure. */
  darkness: {
    title: "Darker",
    unit: "factor of the levels",
    worse: "smaller",
    value: factorBelowOne,
    values: [0.75, 0.5, 0.35, 0.2, 0.1],
  },
  /** Levels are multiplied, and cut off at 255: a longer exposure. */
  brightness: {
    title: "Brighter",
    unit: "factor of the levels",
    worse: "larger",
    value: z.number().gt(1).max(255),
    values: [1.25, 1.5, 2, 2.5, 3],
  },
  /** Distances from the picture's mean luma are multiplied, as ImageNet-C's and torchvision's contrast does. */
  contrast: {
    title: "Less contrast",
    unit: "factor of the contrast",
    worse: "smaller",
    value: factorBelowOne,
    values: [0.75, 0.5, 0.35, 0.2, 0.1],
  },
  /** A Gaussian of that standard deviation; ImageNet-C's gaussian_blur. */
  blur: {
    title: "Blur",
    unit: "deviation in pixels",
    worse: "larger",
    value: z.number().positive().max(64),
    values: [0.5, 1, 1.5, 2, 3],
  },
  /** Independent normal numbers of that standard deviation are added to every level; ImageNet-C's gaussian_noise. */
  noise: {
    title: "Noise",
    unit: "deviation in levels of 255",
    worse: "larger",
    value: z.number().positive().max(255),
    values: [5, 10, 20, 30, 40],
  },
  /** Written as a baseline JPEG and read back. */
  jpeg: {
    title: "JPEG",
    unit: "quality",
    worse: "smaller",
    value: z.int().min(1).max(100),
    values: [50, 30, 20, 10, 5],
  },
  /** The head tilts to either side, drawn: turned about the centre, bicubic, the border repeated. */
  roll: {
    title: "Roll",
    unit: "degrees to either side",
    worse: "larger",
    value: z.number().positive().max(180),
    values: [5, 10, 20, 30, 45],
  },
} as const satisfies Record<string, Corruption>;

export type CorruptionKind = keyof typeof CORRUPTIONS;
export const CORRUPTION_KINDS = Object.keys(CORRUPTIONS) as CorruptionKind[];

/** Values of one kind, from the mildest on; an empty list leaves the kind out. */
function levelsOf({ value, values, worse }: Corruption) {
  const sign = worse === "larger" ? 1 : -1;
  return z
    .array(value)
    .refine(
      (given) => given.every((level, i) => i === 0 || sign * (level - given[i - 1]!) > 0),
      `levels go from mild to severe: ${worse} values are more severe`,
    )
    .default([...values]);
}

const settingsSchema = z.strictObject({
  /** Of places, noise and directions. */
  seed: z.int().nonnegative().default(1),
  occlusion: levelsOf(CORRUPTIONS.occlusion),
  darkness: levelsOf(CORRUPTIONS.darkness),
  brightness: levelsOf(CORRUPTIONS.brightness),
  contrast: levelsOf(CORRUPTIONS.contrast),
  blur: levelsOf(CORRUPTIONS.blur),
  noise: levelsOf(CORRUPTIONS.noise),
  jpeg: levelsOf(CORRUPTIONS.jpeg),
  roll: levelsOf(CORRUPTIONS.roll),
});

/** `true`: every kind at its own levels; or the levels of some kinds, the others' as they are; `false`: not measured. */
export const robustnessSchema = z
  .preprocess((given) => (given === true ? {} : given === false ? null : given), settingsSchema.nullable())
  .default(null);

/** The levels of every kind. */
export type RobustnessConfig = z.output<typeof settingsSchema>;
