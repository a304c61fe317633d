import type { Split } from "@fer-bench/datasets";

const WORDS: Readonly<Record<string, Split>> = {
  train: "train",
  training: "train",
  validation: "validation",
  valid: "validation",
  val: "validation",
  dev: "validation",
  test: "test",
  testing: "test",
};

/** The split that a folder or a table's word names. */
export function splitOf(word: string): Split | undefined {
  return WORDS[word.trim().toLowerCase()];
}
