/**
 * dlib's `shape_predictor` as plain data: a cascade of gradient-boosted regression trees that moves the mean shape to
 * where the face is (V. Kazemi and J. Sullivan, "One millisecond face alignment with an ensemble of regression trees",
 * CVPR 2014). Shapes are x0, y0, x1, y1 ... in the box: (0, 0) its first corner, (1, 1) its last.
 */
export interface ShapePredictor {
  /** Points of a shape. */
  readonly points: number;
  /** The shape it begins with, 2 x points. */
  readonly meanShape: Float32Array;
  readonly stages: readonly CascadeStage[];
}

/** Trees that look at the same pixels, which move with the shape. */
export interface CascadeStage {
  /** For each pixel, the point of the shape that it moves with. */
  readonly anchors: Uint32Array;
  /** For each pixel, from its anchor to it in the mean shape: x0, y0 ... */
  readonly offsets: Float32Array;
  readonly trees: RegressionTrees;
}

/** Full binary trees of one depth: the children of node i are 2 i + 1 (where first - second > threshold) and 2 i + 2. */
export interface RegressionTrees {
  readonly count: number;
  /** Inner nodes of a tree; its leaves are one more. */
  readonly nodes: number;
  /** Trees x nodes: the two pixels that are compared. */
  readonly first: Uint32Array;
  readonly second: Uint32Array;
  readonly thresholds: Float32Array;
  /** Trees x leaves x (2 x points): what is added to the shape. */
  readonly leaves: Float32Array;
}
