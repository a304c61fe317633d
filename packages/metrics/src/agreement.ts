/**
 * Cohen's kappa, (p_o - p_e) / (1 - p_e): agreement beyond what the two margins give by chance. 0 where chance gives it
 * all. J. Cohen, "A coefficient of agreement for nominal scales", Educational and Psychological Measurement 20 (1960)
 * 37-46.
 *
 * @param confusion [C][C] counts, row = true class
 */
export function cohenKappa(confusion: readonly (readonly number[])[]): number {
  const { n, hits, expected } = margins(confusion);
  return ratio(hits / n - expected / n ** 2, 1 - expected / n ** 2);
}

/**
 * Matthews' correlation coefficient for several classes, 0 where either margin has one class only. J. Gorodkin,
 * "Comparing two K-category assignments by a K-category correlation coefficient", Computational Biology and Chemistry
 * 28 (2004) 367-374.
 *
 * @param confusion [C][C] counts, row = true class
 */
export function matthewsCorrelation(confusion: readonly (readonly number[])[]): number {
  const { n, hits, expected, ofTruth, ofPrediction } = margins(confusion);
  return ratio(hits * n - expected, Math.sqrt(n ** 2 - ofTruth) * Math.sqrt(n ** 2 - ofPrediction));
}

/** Sums over classes of a matrix: the diagonal, and products of its margins. */
function margins(confusion: readonly (readonly number[])[]) {
  const totals = { n: 0, hits: 0, expected: 0, ofTruth: 0, ofPrediction: 0 };
  confusion.forEach((row, c) => {
    const truth = row.reduce((a, b) => a + b, 0);
    const predicted = confusion.reduce((sum, other) => sum + other[c]!, 0);
    totals.n += truth;
    totals.hits += row[c]!;
    totals.expected += truth * predicted;
    totals.ofTruth += truth ** 2;
    totals.ofPrediction += predicted ** 2;
  });
  return totals;
}

function ratio(numerator: number, denominator: number): number {
  return denominator === 0 ? 0 : numerator / denominator;
}
