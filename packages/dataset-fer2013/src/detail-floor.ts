/**
 * The least share of the finest detail that a JPEG of this quantisation bound leaves, median over images. Measured
 * (README): with the standard tables 1.02 at quality 95 (bound 2), 0.99 at 75 (10), 0.92 at 50 (19); encoders with
 * tables of their own that zero coefficients on purpose (MozJPEG) leave 0.96 at bound 3.5, 0.87 at 10, 0.82 at 18.
 * Resampled copies lie below.
 */
export function detailFloor(bound: number, standardTables: boolean): number {
  return standardTables ? 0.97 - 0.007 * Math.max(0, bound - 10) : 1 / (1 + 0.0145 * bound) - 0.015;
}
