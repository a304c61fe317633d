import type { Column, Row } from "@fer-bench/artifacts";

/** The column of a class's probability in tables of predictions. */
export const probabilityColumn = (label: string): string => `p_${label}`;

/** The columns of all classes' probabilities, in their order. */
export function probabilityColumns(classes: readonly string[]): Column[] {
  return classes.map((label) => ({ name: probabilityColumn(label), type: "float" }));
}

/** Their cells of sample i; `probabilities` is [n, classes]. */
export function probabilityCells(classes: readonly string[], probabilities: Float32Array, i: number): Row {
  return Object.fromEntries(
    classes.map((label, k) => [probabilityColumn(label), probabilities[i * classes.length + k]!]),
  );
}
