/** Where the numbers of a sample's plan (sample-plan.ts) stand in its row. */
export const PLAN = Object.freeze({
  /** The picture's place among the faces. */
  sample: 0,
  /** Six numbers. */
  map: 1,
  brightness: 7,
  contrast: 8,
  /** Left, top, width, height. */
  erase: 9,
  share: 13,
  length: 14,
});
