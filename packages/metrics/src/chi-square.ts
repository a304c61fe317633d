/** Where the series of erf gives way to the continued fraction of erfc: either has its full digits there. */
const SERIES_BELOW = 2;
const MOST_TERMS = 200;

/** Chance that a chi-square variable of one degree of freedom exceeds x: erfc(sqrt(x / 2)). */
export function chiSquareTail(x: number): number {
  return complementaryError(Math.sqrt(x / 2));
}

/**
 * erfc(x) for x >= 0, by M. Abramowitz and I. A. Stegun, "Handbook of mathematical functions" (1964): the series 7.1.6
 * for small x, the continued fraction 7.1.14 for large.
 */
function complementaryError(x: number): number {
  if (x < SERIES_BELOW) {
    let term = x;
    let sum = x;
    for (let n = 1; n < MOST_TERMS && term > sum * Number.EPSILON; n++) {
      term *= (2 * x * x) / (2 * n + 1);
      sum += term;
    }
    return 1 - (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
  }
  let fraction = x;
  for (let n = MOST_TERMS; n >= 1; n--) fraction = x + n / 2 / fraction;
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / fraction;
}
