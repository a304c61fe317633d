import { chiSquareTail } from "./chi-square.ts";

/** Whether two models that saw the same samples are right equally often. */
export interface McNemarTest {
  /** Samples that the first model alone got right. */
  onlyFirst: number;
  /** Samples that the second model alone got right. */
  onlySecond: number;
  /** Two-sided, from the binomial distribution of the samples on which one alone was right. */
  exact: { p: number };
  /** (b - c)² / (b + c). */
  chiSquare: { statistic: number; p: number };
  /** The same with Edwards' continuity correction, (max(|b - c| - 1, 0))² / (b + c). */
  corrected: { statistic: number; p: number };
}

/**
 * McNemar's test. Q. McNemar, "Note on the sampling error of the difference between correlated proportions or
 * percentages", Psychometrika 12 (1947) 153-157; A. L. Edwards, Psychometrika 13 (1948) 185-187. Where the models
 * never differ, p is 1.
 *
 * @param onlyFirst b, samples that the first model alone got right
 * @param onlySecond c, samples that the second model alone got right
 * @throws RangeError unless both are whole numbers from 0 up
 */
export function mcnemarTest(onlyFirst: number, onlySecond: number): McNemarTest {
  if (![onlyFirst, onlySecond].every((count) => Number.isInteger(count) && count >= 0)) {
    throw new RangeError(`${onlyFirst} and ${onlySecond} are not counts`);
  }
  const n = onlyFirst + onlySecond;
  const difference = Math.abs(onlyFirst - onlySecond);
  const test = (distance: number) => {
    const statistic = n === 0 ? 0 : distance ** 2 / n;
    return { statistic, p: chiSquareTail(statistic) };
  };
  return {
    onlyFirst,
    onlySecond,
    exact: { p: twoSidedSignTest(Math.min(onlyFirst, onlySecond), n) },
    chiSquare: test(difference),
    corrected: test(Math.max(difference - 1, 0)),
  };
}

/** min(1, 2 Σ_{i <= k} C(n, i) / 2^n), summed from the largest term down so that nothing underflows early. */
function twoSidedSignTest(k: number, n: number): number {
  let logLargest = -n * Math.LN2;
  for (let i = 1; i <= k; i++) logLargest += Math.log((n - i + 1) / i);
  let sum = 0;
  for (let i = k, term = 1; i >= 0; i--) {
    sum += term;
    term *= i / (n - i + 1);
  }
  return Math.min(1, 2 * sum * Math.exp(logLargest));
}
