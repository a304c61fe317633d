import type { Box, PixelImage } from "@fer-bench/datasets";
import { findSimilarity } from "../align/similarity.ts";
import type { CascadeStage, RegressionTrees, ShapePredictor } from "./shape-predictor.ts";

const { fround } = Math;

/**
 * The landmarks of the face in `box`, as dlib 19.24's `shape_predictor` gives them: x0, y0, x1, y1 ... in whole pixels,
 * the first pixel's centre at (0, 0). The box is rounded to whole pixels, as dlib's rectangles are. What dlib computes
 * in single precision is rounded so here, since a tree branches on it.
 */
export function predictLandmarks(predictor: ShapePredictor, image: PixelImage, box: Box): Float32Array {
  const shape = predictShape(predictor, image, box);
  const { left, top, spanX, spanY } = corners(box);
  const points = new Float32Array(shape.length);
  for (let i = 0; i < shape.length; i += 2) {
    points[i] = Math.floor(left + spanX * shape[i]! + 0.5);
    points[i + 1] = Math.floor(top + spanY * shape[i + 1]! + 0.5);
  }
  return points;
}

/** The same before rounding to pixels, in shares of the box. */
function predictShape(predictor: ShapePredictor, image: PixelImage, box: Box): Float32Array {
  const shape = predictor.meanShape.slice();
  for (const stage of predictor.stages) {
    const levels = sampleLevels(stage, predictor.meanShape, shape, image, box);
    addLeaves(stage.trees, levels, shape);
  }
  return shape;
}

/** The first pixel of the box, and the distances to its last one. */
function corners({ left, top, width, height }: Box) {
  const [firstX, firstY] = [Math.round(left), Math.round(top)];
  return {
    left: firstX,
    top: firstY,
    spanX: Math.round(left + width) - 1 - firstX,
    spanY: Math.round(top + height) - 1 - firstY,
  };
}

/** Levels of the stage's pixels, moved along with the shape; 0 outside the picture. */
function sampleLevels(
  { anchors, offsets }: CascadeStage,
  meanShape: Float32Array,
  shape: Float32Array,
  image: PixelImage,
  box: Box,
): Float32Array {
  const turn = shape.length > 2 ? findSimilarity(meanShape, shape) : { a: 1, b: 0 };
  const [a, b] = [fround(turn.a), fround(turn.b)];
  const { left, top, spanX, spanY } = corners(box);
  const { width, height, channels, data } = image;
  const levels = new Float32Array(anchors.length);
  for (let i = 0; i < levels.length; i++) {
    const [dx, dy] = [offsets[2 * i]!, offsets[2 * i + 1]!];
    const anchor = 2 * anchors[i]!;
    const shapeX = fround(fround(fround(a * dx) + fround(-b * dy)) + shape[anchor]!);
    const shapeY = fround(fround(fround(b * dx) + fround(a * dy)) + shape[anchor + 1]!);
    const x = Math.floor(left + spanX * shapeX + 0.5);
    const y = Math.floor(top + spanY * shapeY + 0.5);
    if (x < 0 || y < 0 || x >= width || y >= height) continue;
    const at = (y * width + x) * channels;
    // dlib's grey is the plain mean of the colours, rounded down.
    levels[i] = channels === 1 ? data[at]! : Math.floor((data[at]! + data[at + 1]! + data[at + 2]!) / 3);
  }
  return levels;
}

/** Adds to the shape what each tree says. */
function addLeaves(trees: RegressionTrees, levels: Float32Array, shape: Float32Array): void {
  const { count, nodes, first, second, thresholds, leaves } = trees;
  const coordinates = shape.length;
  for (let tree = 0; tree < count; tree++) {
    const root = tree * nodes;
    let node = 0;
    while (node < nodes) {
      const further = levels[first[root + node]!]! - levels[second[root + node]!]! > thresholds[root + node]!;
      node = 2 * node + (further ? 1 : 2);
    }
    const leaf = (root + tree + node - nodes) * coordinates;
    for (let k = 0; k < coordinates; k++) shape[k]! += leaves[leaf + k]!;
  }
}
