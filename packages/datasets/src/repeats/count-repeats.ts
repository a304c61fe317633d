import { SPLITS, type Split } from "../labels.ts";

/** How many images are repeats, and which of them matter. */
export interface RepeatCounts {
  /** Images whose picture occurs more than once. */
  readonly images: number;
  /** Those of pictures that stand under different labels. */
  readonly acrossLabels: number;
  /** Those of pictures that stand in different splits. */
  readonly acrossSplits: number;
}

/** What is counted of a record. */
interface Counted {
  readonly split: Split;
  readonly label: string;
}

/** Counts repeats, given what says whether two records show one picture; undefined where a record is alone. */
export function countRepeats<R extends Counted>(
  records: readonly R[],
  pictureOf: (record: R, index: number) => string | number | undefined,
): RepeatCounts {
  const groups = [...groupedBy(records, pictureOf).values()].filter((group) => group.length > 1);
  const images = (some: readonly R[][]): number => some.reduce((sum, group) => sum + group.length, 0);
  const differ = (key: "label" | "split"): R[][] =>
    groups.filter((group) => group.some((record) => record[key] !== group[0]![key]));
  return {
    images: images(groups),
    acrossLabels: images(differ("label")),
    acrossSplits: images(differ("split")),
  };
}

/** Images of each other split whose picture also occurs in train. */
export function countInTrain<R extends Counted>(
  records: readonly R[],
  pictureOf: (record: R, index: number) => string | number | undefined,
): Partial<Record<Split, number>> {
  const counts: Partial<Record<Split, number>> = {};
  const groups = [...groupedBy(records, pictureOf).values()].filter((group) =>
    group.some(({ split }) => split === "train"),
  );
  for (const split of SPLITS) {
    if (split === "train" || !records.some((record) => record.split === split)) continue;
    counts[split] = groups.reduce((sum, group) => sum + group.filter((of) => of.split === split).length, 0);
  }
  return counts;
}

/** Map.groupBy, which Node 20 does not have; items without a key are left out. */
function groupedBy<T>(
  items: readonly T[],
  keyOf: (item: T, index: number) => string | number | undefined,
): Map<string | number, T[]> {
  const groups = new Map<string | number, T[]>();
  items.forEach((item, index) => {
    const key = keyOf(item, index);
    if (key === undefined) return;
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  });
  return groups;
}
