/** Where the columns of a resized picture take their pixels. */
export interface ColumnPlan {
  /** So many columns from the left go in single precision, four at a time; the others in double precision. */
  readonly grouped: number;
  readonly left: Int32Array;
  readonly right: Int32Array;
  /** The right pixel's share; of grouped columns in single precision. */
  readonly share: Float64Array;
}

/**
 * dlib's bilinear `resize_image` adds up the columns' places in single precision, and with them its rounding: groups of
 * four end where one would need a pixel beyond the last, or where the picture does.
 */
export function columnPlan(from: number, to: number): ColumnPlan {
  const plan = {
    grouped: 0,
    left: new Int32Array(to),
    right: new Int32Array(to),
    share: new Float64Array(to),
  };
  const step = (from - 1) / Math.max(to - 1, 1);
  const places = Float32Array.from({ length: 4 }, (_, lane) => -4 * step + lane * step);
  const fourSteps = Math.fround(4 * step);
  let column = 0;
  for (; column + 4 <= to; column += 4) {
    for (let lane = 0; lane < 4; lane++) places[lane]! += fourSteps;
    if (Math.trunc(places[3]!) + 1 >= from) break;
    for (let lane = 0; lane < 4; lane++) {
      const left = Math.trunc(places[lane]!);
      plan.left[column + lane] = left;
      plan.right[column + lane] = left + 1;
      plan.share[column + lane] = Math.fround(places[lane]! - left);
    }
  }
  plan.grouped = column;
  let place = -step + column * step;
  for (; column < to; column++) {
    place += step;
    const left = Math.floor(place);
    plan.left[column] = left;
    plan.right[column] = Math.min(left + 1, from - 1);
    plan.share[column] = place - left;
  }
  return plan;
}
