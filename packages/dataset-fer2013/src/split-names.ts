import { CLASSES } from "./facts.ts";
import type { UsageHint } from "./image-path.ts";
import { naturalOrder } from "./natural-order.ts";
import { allows, namesUsage, type SourceImage } from "./source-image.ts";
import { countRows, type RowTable, usageOf } from "./table.ts";

/**
 * The layout `test/<class>/im<N>.png` tells PublicTest from PrivateTest by number: N counts a class's test rows, those
 * of PublicTest first. Returns the hints with that resolved, for classes whose test images are all there.
 */
export function resolveNumberedTests(
  images: readonly { name: string; label: number; hint: UsageHint }[],
  table: RowTable,
): UsageHint[] {
  const hints = images.map(({ hint }) => hint);
  const [, publicRows, privateRows] = countRows(table);
  for (const label of CLASSES.keys()) {
    const tests = images.flatMap((image, i) => (image.label === label && image.hint === "test" ? [i] : []));
    const numbered = tests.every((i) => /(?:^|\/)im_?\d+\.\w+$/.test(images[i]!.name));
    if (!numbered || tests.length !== publicRows![label]! + privateRows![label]!) continue;
    tests.sort((a, b) => naturalOrder(images[a]!.name, images[b]!.name));
    for (const [n, i] of tests.entries()) {
      hints[i] = n < publicRows![label]! ? "PublicTest" : "PrivateTest";
    }
  }
  return hints;
}

/** What names say of the splits of images whose rows are known. */
export interface SplitNames {
  /** Images whose names allow more than one usage. */
  readonly untold: number;
  /** Images whose names say another usage than their rows'. */
  readonly contradicting: number;
}

export function compareSplitNames(
  images: readonly SourceImage[],
  rows: Int32Array,
  table: RowTable,
): SplitNames {
  let untold = 0;
  let contradicting = 0;
  for (const [i, { hint }] of images.entries()) {
    if (!namesUsage(hint)) untold++;
    if (rows[i] !== -1 && !allows(hint, usageOf(table, rows[i]!))) contradicting++;
  }
  return { untold, contradicting };
}
