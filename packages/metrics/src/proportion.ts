/** A share of n trials with the interval that belongs to it. */
export interface Proportion {
  value: number;
  successes: number;
  n: number;
  low: number;
  high: number;
  /** Coverage of [low, high]. */
  confidence: 0.95;
  method: "wilson";
}

/** 0.975 quantile of the standard normal distribution. */
const Z_95 = 1.959963984540054;

/**
 * A proportion and its 95% score interval: (p + z²/2n ± z sqrt(p(1-p)/n + z²/4n²)) / (1 + z²/n).
 * E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
 * JASA 22 (1927) 209-212.
 *
 * @throws RangeError unless 0 <= successes <= n and n > 0, both whole
 */
export function wilsonProportion(successes: number, n: number): Proportion {
  if (!Number.isInteger(successes) || !Number.isInteger(n) || n <= 0 || successes < 0 || successes > n) {
    throw new RangeError(`${successes} successes of ${n} trials is not a proportion`);
  }
  const p = successes / n;
  const z2n = Z_95 ** 2 / n;
  const centre = (p + z2n / 2) / (1 + z2n);
  const half = (Z_95 * Math.sqrt((p * (1 - p)) / n + z2n / (4 * n))) / (1 + z2n);
  return {
    value: p,
    successes,
    n,
    // At the ends the two terms cancel only up to rounding; the interval reaches them exactly.
    low: successes === 0 ? 0 : centre - half,
    high: successes === n ? 1 : centre + half,
    confidence: 0.95,
    method: "wilson",
  };
}
