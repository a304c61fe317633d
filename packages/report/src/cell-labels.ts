/** How figures name the cells of a grid. */
export interface CellLabels {
  /** What tells each cell from the others, as short as may be. */
  labels: string[];
  /** What they rest on, for a subtitle: `EfficientNet-{B0, B1}, random weights`. */
  backbones: string;
}

/**
 * Labels from each cell's backbone title and the values it varies besides, by label: the words that all titles begin
 * or end with are left out, and stand once in `backbones`.
 */
export function cellLabels(
  cells: readonly { backbone: string; values: Readonly<Record<string, unknown>> }[],
): CellLabels {
  const titles = [...new Set(cells.map(({ backbone }) => backbone))];
  const short = shortened(titles);
  const labels = cells.map(({ backbone, values }) =>
    [
      ...(titles.length > 1 ? [short.middles.get(backbone)!] : []),
      ...Object.entries(values).map(([label, value]) => `${label} ${value}`),
    ].join(", "),
  );
  const { prefix, suffix, middles } = short;
  const isShort = titles.length > 1 && prefix + suffix !== "";
  return {
    labels: labels.map((label, i) => label || cells[i]!.backbone),
    backbones: isShort ? `${prefix}{${[...middles.values()].join(", ")}}${suffix}` : titles.join("; "),
  };
}

/** What all titles begin and end with, in whole words, and what is left of each. */
function shortened(titles: readonly string[]) {
  const words = titles.map((title) => title.match(/[A-Za-z0-9]+|[^A-Za-z0-9]/g) ?? []);
  const shortest = Math.min(...words.map(({ length }) => length));
  const first = words[0]!;
  let before = 0;
  while (before < shortest - 1 && words.every((one) => one[before] === first[before])) before++;
  let after = 0;
  while (after < shortest - before - 1 && words.every((one) => one.at(-1 - after) === first.at(-1 - after))) {
    after++;
  }
  const end = (one: readonly string[]) => one.length - after;
  return {
    prefix: first.slice(0, before).join(""),
    suffix: first.slice(end(first)).join(""),
    middles: new Map(titles.map((title, i) => [title, words[i]!.slice(before, end(words[i]!)).join("")])),
  };
}
