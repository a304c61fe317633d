import type { Box, PixelImage } from "@fer-bench/datasets";
import { cutFacePatch, mirrorLevels, PATCH_SIDE } from "./face-patch.ts";
import { type Described, describePoints } from "./gradient-descriptors.ts";

/**
 * Landmarks by supervised descent: from the mean shape in the box, each stage moves all points by what a linear map
 * makes of the picture's look about them (X. Xiong and F. De la Torre, "Supervised descent method and its applications
 * to face alignment", CVPR 2013).
 */
export interface DescentModel {
  /** Where the points begin in the patch of a box: x0, y0, x1, y1 ... */
  readonly start: Float32Array;
  /** The same shape in the upright frame. */
  readonly upright: Float32Array;
  /** For each point, the one that it is in a mirror. */
  readonly mirrored: readonly number[];
  /** Each features x (2 x points), row by row: the step in the upright frame. */
  readonly stages: readonly Float32Array[];
}

/** The points of the face in `box`, x0, y0, x1, y1 ..., the picture's first pixel having its centre at (0, 0). */
export function descend(model: DescentModel, image: PixelImage, box: Box): Float32Array {
  const { levels, scale, left, top } = cutFacePatch(image, box);
  const shape = descendInPatch(model, levels);
  // A face and its mirror image have the same points: what differs is error, and half of it goes in the mean.
  const reflected = mirrorShape(model, descendInPatch(model, mirrorLevels(levels)));
  return shape.map((position, i) => (i % 2 ? top : left) + (scale * (position + reflected[i]!)) / 2);
}

/** The points of a patch, in its pixels. */
export function descendInPatch(model: DescentModel, levels: Float32Array): Float32Array {
  const shape = model.start.slice();
  for (const stage of model.stages) takeStep(stage, describePoints(levels, shape, model.upright), shape);
  return shape;
}

/** Moves the shape by one stage, which makes the step of what was described about its points. */
export function takeStep(stage: Float32Array, { features, toPatch }: Described, shape: Float32Array): void {
  const step = new Float64Array(shape.length);
  for (let row = 0; row < features.length; row++) {
    const feature = features[row]!;
    if (feature === 0) continue;
    for (let k = 0; k < step.length; k++) step[k]! += feature * stage[row * step.length + k]!;
  }
  for (let k = 0; k < step.length; k += 2) {
    shape[k]! += toPatch.a * step[k]! - toPatch.b * step[k + 1]!;
    shape[k + 1]! += toPatch.b * step[k]! + toPatch.a * step[k + 1]!;
  }
}

/** A shape of the mirrored patch in the patch itself; and the other way round. */
export function mirrorShape({ mirrored }: Pick<DescentModel, "mirrored">, shape: Float32Array): Float32Array {
  const reflected = new Float32Array(shape.length);
  mirrored.forEach((point, i) => {
    reflected[2 * i] = PATCH_SIDE - 1 - shape[2 * point]!;
    reflected[2 * i + 1] = shape[2 * point + 1]!;
  });
  return reflected;
}
