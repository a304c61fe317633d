/** Floats of a cell in the kernels' feature maps: 31 features and a zero. */
export const CELL_FLOATS = 32;

/**
 * Where the kernels keep dlib's planes: signed 0 to 17, then the last unsigned one (plane 26), a zero, the other unsigned
 * ones (18 to 25), texture (27 to 30).
 */
export function slotOfPlane(plane: number): number {
  if (plane < 18) return plane;
  if (plane === 26) return 18;
  return plane < 26 ? plane + 2 : plane + 1;
}
