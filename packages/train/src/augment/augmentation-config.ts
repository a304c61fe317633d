import { z } from "zod";

/*
 * How training pictures are varied. Every default is off: the paper (benchmark.ts) names no augmentation. Ranges are
 * drawn uniformly, once a sample and epoch.
 */

const probability = z.number().min(0).max(1);
const level = z.int().min(0).max(255);

/** [min, max] of positive numbers. */
const positiveRange = z
  .tuple([z.number().positive(), z.number().positive()])
  .refine(([min, max]) => min <= max, "the first number of a range is not larger than the second");

const erasingSchema = z.strictObject({
  /** Of a picture's losing a rectangle. 0.5 is torchvision's RandomErasing's, and that of Zhong et al. (2020). */
  probability: probability.default(0.5),
  /** The rectangle's share of the picture's area; torchvision's. */
  area: positiveRange
    .refine(([, max]) => max < 1, "a rectangle of the whole picture erases everything")
    .default([0.02, 0.33]),
  /** Its height divided by its width, drawn uniformly on a logarithmic scale; torchvision's. */
  aspect: positiveRange.default([0.3, 3.3]),
  /**
   * What takes its place: `mean`, that of each of the picture's channels, which leaves the mean that batch norms see
   * where it was; or a grey level, 0 to 255.
   */
  fill: z
    .union([z.literal("mean"), level], { error: 'a fill is "mean" or a level from 0 to 255' })
    .default("mean"),
});

const mixupSchema = z.strictObject({
  /**
   * A picture keeps the larger part of Beta(alpha, alpha); the rest is another of its batch, in pixels and in targets.
   * Zhang et al., "mixup: Beyond Empirical Risk Minimization" (2018), find 0.1 to 0.4 best on ImageNet; that the larger
   * part is its own, so that none is missing from an epoch, is from MixMatch (Berthelot et al., 2019). The larger alpha,
   * the closer to half and half; below 0.05 next to nothing would be mixed.
   */
  alpha: z.number().min(0.05).default(0.2),
});

export const augmentationSchema = z.strictObject({
  /** Probability of the mirror image. */
  flip: probability.default(0),
  /** Largest rotation about the centre, in degrees, to either side. */
  rotate: z.number().min(0).max(180).default(0),
  /** Largest shift, as a share of the picture's side, in x and in y. */
  shift: z.number().min(0).lt(1).default(0),
  /** Factor [min, max] of the face's size about the centre: above 1 it is larger. */
  scale: positiveRange.default([1, 1]),
  /**
   * What lies beyond the picture: `edge` repeats its outermost pixels; a number is a grey level, 0 to 255. The edge, as
   * in Keras's ImageDataGenerator, which many trainings on FER-2013 use: chips are cut so close that the face reaches
   * the border, so a level would draw outlines that no test picture has, and move the mean that batch norms see:
   * FER-2013's, 129.6, becomes 129.8 with the edge and 114.9 with black (rotate 10, shift 0.1, scale 0.8 to 1.2).
   */
  border: z
    .union([z.literal("edge"), level], { error: 'a border is "edge" or a level from 0 to 255' })
    .default("edge"),
  /** Levels are multiplied by a factor of 1 - brightness to 1 + brightness. */
  brightness: z.number().min(0).max(1).default(0),
  /** Distances from the picture's mean luma are multiplied by a factor of 1 - contrast to 1 + contrast. */
  contrast: z.number().min(0).max(1).default(0),
  /** Random erasing: Zhong et al., "Random Erasing Data Augmentation" (2020). null: off. */
  erase: erasingSchema.nullable().default(null),
  /** null: off. */
  mixup: mixupSchema.nullable().default(null),
});

/** How training pictures are varied, defaults filled in. */
export type Augmentation = z.output<typeof augmentationSchema>;
