import { normal, type Random } from "@fer-bench/artifacts";

/** Symmetric Beta(alpha, alpha) on [0, 1], as X / (X + Y) of two gamma variates; alpha at least 0.05. */
export function symmetricBeta(random: Random, alpha: number): number {
  const x = gamma(random, alpha);
  const y = gamma(random, alpha);
  return x / (x + y);
}

/**
 * Gamma(shape, 1): Marsaglia and Tsang, "A simple method for generating gamma variables" (2000), and for shapes below
 * 1 their Gamma(shape + 1) u^(1 / shape). With 32 bits in u and a shape of 0.05 or more the power stays above 1e-193.
 */
function gamma(random: Random, shape: number): number {
  if (shape < 1) return gamma(random, shape + 1) * (1 - random.next()) ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = normal(random);
    const v = (1 + c * x) ** 3;
    if (v <= 0) continue;
    const u = 1 - random.next();
    if (Math.log(u) < (x * x) / 2 + d - d * v + d * Math.log(v)) return d * v;
  }
}
