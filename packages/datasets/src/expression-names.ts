import { CANONICAL_LABELS, type Label } from "./labels.ts";

/** The canonical expressions, and the eighth that some sets have. */
export type Expression = Label | "contempt";

/** How data sets and their copies spell the expressions. */
const SPELLINGS: Readonly<Record<Expression, readonly string[]>> = {
  angry: ["anger"],
  disgust: ["disgusted"],
  fear: ["fearful", "afraid", "scared"],
  happy: ["happiness", "joy"],
  sad: ["sadness"],
  surprise: ["surprised"],
  neutral: [],
  contempt: [],
};

const EXPRESSIONS = new Map(
  Object.entries(SPELLINGS).flatMap(([expression, others]) =>
    [expression, ...others].map((name) => [name, expression as Expression] as const),
  ),
);

/** The expression that a word means, in whatever case; undefined for any other word. */
export function expressionOf(word: string): Expression | undefined {
  return EXPRESSIONS.get(word.trim().toLowerCase());
}

export function isCanonical(expression: string): expression is Label {
  return (CANONICAL_LABELS as readonly string[]).includes(expression);
}
