import type { Affinities } from "./affinities.ts";
import { createKernels, firstFree, reserve } from "./kernels.ts";

/** A map on its way down the gradient. Its arrays are views of one memory, and change with every call. */
export interface Descent {
  /** y, [n, 2] */
  points: Float64Array;
  /** A quarter of the divergence's gradient, [n, 2], as of the last `fillGradient`. */
  gradient: Float64Array;
  /**
   * @param exaggeration of the attraction
   * @param theta how coarse the repulsion of far points may be; 0 is exact
   */
  fillGradient(exaggeration: number, theta: number): void;
  /** Forgets momentum and gains, as is due before the first step. */
  rest(): void;
  /** Moves the points by their gradient. */
  descend(learningRate: number, momentum: number): void;
}

/**
 * @param start where the points are, [n, 2]; copied
 * @param p joint probabilities of n points
 */
export function createDescent(start: Float64Array, p: Affinities): Descent {
  const kernels = createKernels();
  reserve(kernels, kernels.layOut(start.length / 2, p.values.length, firstFree(kernels)));
  const { buffer } = kernels.memory;
  const points = new Float64Array(buffer, kernels.points.value, start.length);
  points.set(start);
  new Float64Array(buffer, kernels.values.value, p.values.length).set(p.values);
  new Int32Array(buffer, kernels.starts.value, p.starts.length).set(p.starts);
  new Int32Array(buffer, kernels.columns.value, p.columns.length).set(p.columns);
  return {
    points,
    gradient: new Float64Array(buffer, kernels.gradient.value, start.length),
    fillGradient: kernels.fillGradient,
    rest: kernels.rest,
    descend: kernels.descend,
  };
}
