import type { AccuracyRow, CellFacts } from "./accuracy-table.ts";

/** Things that differ in their seed alone, together where the first of them stood; others alone. */
export function bySeedGroup<Item extends { seedGroup?: string | undefined }>(
  items: readonly Item[],
): [Item, ...Item[]][] {
  const groups = new Map<unknown, [Item, ...Item[]]>();
  for (const item of items) {
    const group = groups.get(item.seedGroup ?? item);
    if (group === undefined) groups.set(item.seedGroup ?? item, [item]);
    else group.push(item);
  }
  return [...groups.values()];
}

/** Rows of runs that differ in their seed alone as one, their mean. */
export function meansOverSeeds(
  rows: readonly { seedGroup?: string | undefined; row: AccuracyRow }[],
): AccuracyRow[] {
  return bySeedGroup(rows).map(([first, ...others]) => meanRow([first.row, ...others.map(({ row }) => row)]));
}

export function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}

/** The standard deviation of a sample: n - 1 in the denominator. Of at least two values. */
export function deviation(values: readonly number[]): number {
  const centre = mean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1));
}

/**
 * One row of runs that differ in their seed alone: their means, and how far their accuracies spread. An interval of a
 * mean is none of its runs', so it has none. One run stays what it is.
 */
export function meanRow(rows: readonly [AccuracyRow, ...AccuracyRow[]]): AccuracyRow {
  const [first] = rows;
  if (rows.length === 1) return first;
  const accuracies = rows.map(({ accuracy }) => accuracy);
  const cells = rows.flatMap(({ cell }) => cell ?? []);
  return {
    ...first,
    method: `${first.method}, mean of ${rows.length} seeds`,
    accuracy: mean(accuracies),
    low: null,
    high: null,
    bootstrap: null,
    seeds: rows.length,
    deviation: deviation(accuracies),
    balancedAccuracy: meanOfAll(rows.map(({ balancedAccuracy }) => balancedAccuracy)),
    macroF1: meanOfAll(rows.map(({ macroF1 }) => macroF1)),
    unseen: {
      exactly: meanOfAll(rows.map(({ unseen }) => unseen.exactly)),
      nearly: meanOfAll(rows.map(({ unseen }) => unseen.nearly)),
    },
    ...(cells.length > 0 && { cell: meanFacts(cells) }),
  };
}

function meanFacts(cells: readonly CellFacts[]): CellFacts {
  const first = cells[0]!;
  const values = Object.keys(first.values).map((label) => [
    label,
    [...new Set(cells.map((cell) => cell.values[label]))].join(", "),
  ]);
  return {
    ...first,
    name: commonName(cells.map(({ name }) => name)),
    values: Object.fromEntries(values),
    selectionAccuracy: meanOfAll(cells.map(({ selectionAccuracy }) => selectionAccuracy)),
  };
}

/** What the names of cells have in common, `pixels` of `pixels_seed-1` and `pixels_seed-2`. */
function commonName(names: readonly string[]): string {
  const parts = names.map((name) => name.split("_"));
  return parts[0]!.filter((part) => parts.every((other) => other.includes(part))).join("_") || "mean";
}

function meanOfAll(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === values.length ? mean(known) : null;
}
