import { createRandom, shuffle } from "@fer-bench/artifacts";

export interface Examples {
  readonly label: string;
  readonly count: number;
  /** Chosen rows, ascending. */
  readonly indices: readonly number[];
}

/** Up to `columns` rows of each class by lot, given each row's label; the same labels give the same choice. */
export function chooseExamples(
  labels: readonly string[],
  classes: readonly string[],
  columns: number,
): Examples[] {
  return classes.map((label) => {
    const indices = [...labels.keys()].filter((index) => labels[index] === label);
    const chosen = shuffle([...indices], createRandom("contact-sheet", label)).slice(0, columns);
    return { label, count: indices.length, indices: chosen.sort((a, b) => a - b) };
  });
}
