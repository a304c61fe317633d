import type { Assignment, KnownBy } from "./assign-rows.ts";
import { type Fingerprints, LEVEL, squaredDistance } from "./fingerprints.ts";
import type { SourceImage } from "./source-image.ts";
import type { RowTable } from "./table.ts";

/** How far images are from the rows they were given, as far as the table's fingerprints tell. */
export interface Distance {
  readonly images: number;
  /** Estimated root mean square difference of pixels over all images, in grey levels of 0..255. */
  readonly rms: number;
  /** What JPEG's quantisation can make of it: root mean square of the images' bounds, 0 for what is no JPEG. */
  readonly bound: number;
  /** Medians over images: mean grey value, of the copy and of the rows. */
  readonly mean: { readonly copy: number; readonly rows: number };
  /** Medians over images: standard deviation of grey values, of the copy and of the rows. */
  readonly contrast: { readonly copy: number; readonly rows: number };
  /** Medians over images of what the copy has more, in grey levels, and of copy by row. */
  readonly meanShift: number;
  readonly contrastRatio: number;
  /** Median over images of the root mean square Laplacian, copy by row. */
  readonly detailRatio: number;
  /** Median over images of `unevenness`. */
  readonly unevenness: number;
}

/** Compares the images that were known in one of these ways with their rows; undefined where there is none. */
export function measureDistance(
  images: readonly SourceImage[],
  prints: Fingerprints,
  assignment: Assignment,
  table: RowTable,
  ways: readonly KnownBy[],
): Distance | undefined {
  const pairs: { i: number; row: number }[] = [];
  for (const [i, by] of assignment.by.entries()) {
    if (by !== undefined && ways.includes(by)) pairs.push({ i, row: assignment.row[i]! });
  }
  if (pairs.length === 0) return undefined;
  const median = (of: (pair: { i: number; row: number }) => number): number => middle(pairs.map(of));
  const squares = pairs.reduce((sum, { i, row }) => sum + squaredDistance(prints, i, table.prints, row), 0);
  const bounds = pairs.reduce((sum, { i }) => sum + (images[i]!.bound ?? 0) ** 2, 0);
  const { prints: rows } = table;
  return {
    images: pairs.length,
    rms: Math.sqrt(squares / pairs.length),
    bound: Math.sqrt(bounds / pairs.length),
    mean: {
      copy: median(({ i }) => prints.mean[i]! * LEVEL),
      rows: median(({ row }) => rows.mean[row]! * LEVEL),
    },
    contrast: {
      copy: median(({ i }) => prints.deviation[i]! * LEVEL),
      rows: median(({ row }) => rows.deviation[row]! * LEVEL),
    },
    meanShift: median(({ i, row }) => (prints.mean[i]! - rows.mean[row]!) * LEVEL),
    contrastRatio: median(({ i, row }) => ratio(prints.deviation[i]!, rows.deviation[row]!)),
    detailRatio: median(({ i, row }) => ratio(prints.detail[i]!, rows.detail[row]!)),
    unevenness: median(({ i }) => images[i]!.unevenness),
  };
}

/** Of two flat images neither has more. */
function ratio(a: number, b: number): number {
  return b === 0 ? (a === 0 ? 1 : Number.MAX_VALUE) : a / b;
}

function middle(values: number[]): number {
  values.sort((a, b) => a - b);
  const at = values.length >> 1;
  return values.length % 2 === 1 ? values[at]! : (values[at - 1]! + values[at]!) / 2;
}
