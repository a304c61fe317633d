/**
 * The least share of the finest detail that a JPEG of this quantisation bound leaves, median over images. Measured
 * (README): with the standard tables 1.02 at quality 85 and more (bound 6 and less), 0.99 at 75 (10), 0.92 at 50 (19);
 * encoders with tables of their own that zero coefficients on purpose (MozJPEG) leave 0.96 at bound 3.5, 0.87 at 10,
 * 0.82 at 18. Resampled copies lie below. What was saved before, and coarser, has the distance `rms` and the detail of
 * that quality: its bound is about rms^2 / 3.
 */
export function detailFloor(bound: number, rms: number, standardTables: boolean): number {
  if (!standardTables) return 1 / (1 + 0.0145 * bound) - 0.015;
  const coarsest = bound === 0 ? 0 : Math.max(bound, rms ** 2 / 3);
  return 0.99 - 0.0069 * Math.max(0, coarsest - 6);
}
