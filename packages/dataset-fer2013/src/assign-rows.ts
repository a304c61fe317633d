import { CLASSES, PIXELS, SIDE } from "./facts.ts";
import { type Fingerprints, hashDistance, LEVEL, squaredDistance } from "./fingerprints.ts";
import type { UsageHint } from "./image-path.ts";
import { EARLIER_SAVE } from "./jpeg.ts";
import { allows, namesUsage, type SourceImage } from "./source-image.ts";
import { type RowTable, usageOf } from "./table.ts";

/** How an image was known: its pixels are the row's, they differ as a JPEG's may, or it only looks like the row. */
export type KnownBy = "checksum" | "pixels" | "hash";

export interface Assignment {
  /** [images]: the row, or -1. No row is given twice. */
  readonly row: Int32Array;
  readonly by: (KnownBy | undefined)[];
  /** Images whose pixels are a row's, of another class than their folder says. */
  readonly relabelled: ReadonlySet<number>;
  /** Images whose pixels are a row's that another image has already. */
  readonly surplus: ReadonlySet<number>;
}

/** Perceptual hashes of one image and its altered copy differ by no more bits; one in 100 unrelated faces does too. */
export const HASH_REACH = 8;
/** If no larger share of the images still sought looks like rows, that is chance, and none is taken to be known. */
export const BY_CHANCE = 0.05;
/** What is true of a whole copy (saved twice, in other splits) is so for more than this share of the images sought. */
const THROUGHOUT = 0.5;
/** A JPEG shifts the mean of a face by less, in grey levels (by 2.1 at most, measured at quality 75). */
const MEAN_REACH = 4;
/**
 * A JPEG's hash differs by less, but for faces that are mostly one flat grey: those have to be within the bound. This
 * keeps projections from meeting by chance.
 */
const JPEG_HASH_REACH = 20;

/** The greatest estimated distance, in grey levels, at which a JPEG of this bound can still be the row's image. */
function pixelReach(bound: number): number {
  return 1.6 * bound + 1.5; // the estimate's error for a single pair is about a quarter
}

/**
 * Gives each image its row of the table, each row to one image: first by checksum, then by pixels, then by
 * perceptual hash, always within the class; nearest pairs first. What names say of the usage decides between equal
 * images and narrows the search; where nothing allowed fits, other usages are searched.
 * `images` stand in natural order of their names, `prints` beside them.
 */
export function assignRows(
  images: readonly SourceImage[],
  prints: Fingerprints,
  table: RowTable,
): Assignment {
  const state = new State(images, table);
  const leftovers = assignByChecksum(state, images, prints, table);
  state.settle(leftovers.relabelled);
  state.settle(leftovers.surplus);
  const rounds = [
    { pairs: pixelPairs(state, images, prints, { earlier: false, anyUsage: false }), beyond: 0 },
    { pairs: pixelPairs(state, images, prints, { earlier: true, anyUsage: false }), beyond: THROUGHOUT },
    { pairs: pixelPairs(state, images, prints, { earlier: false, anyUsage: true }), beyond: 0 },
    { pairs: pixelPairs(state, images, prints, { earlier: true, anyUsage: true }), beyond: THROUGHOUT },
    { pairs: hashPairs(state, images, prints, false), beyond: BY_CHANCE },
    { pairs: hashPairs(state, images, prints, true), beyond: THROUGHOUT },
  ];
  for (const { pairs, beyond } of rounds) {
    const sought = images.filter((_, image) => state.seeks(image)).length;
    const given = assignNearest(state, pairs);
    if (given.length <= beyond * sought) state.takeBack(given);
  }
  return { row: state.row, by: state.by, ...leftovers };
}

class State {
  readonly table: RowTable;
  readonly row: Int32Array;
  readonly by: (KnownBy | undefined)[];
  readonly #taken: Uint8Array;
  readonly #settled = new Set<number>();

  constructor(images: readonly SourceImage[], table: RowTable) {
    this.table = table;
    this.row = new Int32Array(images.length).fill(-1);
    this.by = images.map(() => undefined);
    this.#taken = new Uint8Array(table.count);
  }

  /** Whether the image still looks for its row. */
  seeks(image: number): boolean {
    return this.row[image] === -1 && !this.#settled.has(image);
  }

  /** These images shall have no row. */
  settle(images: ReadonlySet<number>): void {
    for (const image of images) this.#settled.add(image);
  }

  isFree(row: number): boolean {
    return this.#taken[row] === 0;
  }

  give(image: number, row: number, by: KnownBy): void {
    this.row[image] = row;
    this.by[image] = by;
    this.#taken[row] = 1;
  }

  takeBack(images: readonly number[]): void {
    for (const image of images) {
      this.#taken[this.row[image]!] = 0;
      this.row[image] = -1;
      this.by[image] = undefined;
    }
  }

  /** The free rows of each class, in order. */
  freeRows(): number[][] {
    const rows = CLASSES.map((): number[] => []);
    for (let row = 0; row < this.table.count; row++) {
      if (this.isFree(row)) rows[this.table.label[row]!]!.push(row);
    }
    return rows;
  }
}

function assignByChecksum(
  state: State,
  images: readonly SourceImage[],
  prints: Fingerprints,
  table: RowTable,
): Pick<Assignment, "relabelled" | "surplus"> {
  const rowsOf = new Map<string, number[]>();
  for (let row = 0; row < table.count; row++) {
    const key = checksumKey(table.prints, row);
    const rows = rowsOf.get(key);
    if (rows) rows.push(row);
    else rowsOf.set(key, [row]);
  }
  const known = images.map((_, i) => rowsOf.get(checksumKey(prints, i)) ?? []);
  // Among equal rows, images whose names say most choose first; those whose names contradict them all, last.
  const turns = [
    { may: (hint: UsageHint) => namesUsage(hint), anyUsage: false },
    { may: (hint: UsageHint) => !namesUsage(hint), anyUsage: false },
    { may: () => true, anyUsage: true },
  ];
  for (const { may, anyUsage } of turns) {
    for (const [i, { label, hint }] of images.entries()) {
      if (state.row[i] !== -1 || !may(hint)) continue;
      const row = known[i]!.find(
        (candidate) =>
          state.isFree(candidate) &&
          table.label[candidate] === label &&
          (anyUsage || allows(hint, usageOf(table, candidate))),
      );
      if (row !== undefined) state.give(i, row, "checksum");
    }
  }
  const relabelled = new Set<number>();
  const surplus = new Set<number>();
  for (const [i, { label }] of images.entries()) {
    if (state.row[i] !== -1 || known[i]!.length === 0) continue;
    (known[i]!.some((row) => table.label[row] === label) ? surplus : relabelled).add(i);
  }
  return { relabelled, surplus };
}

function checksumKey(prints: Fingerprints, i: number): string {
  return `${prints.checksum[2 * i]},${prints.checksum[2 * i + 1]}`;
}

interface Pair {
  readonly image: number;
  readonly row: number;
  readonly distance: number;
  readonly by: KnownBy;
}

/** JPEGs and the rows their pixels may be, saved once or `earlier` too: found among rows of nearly the same mean. */
function* pixelPairs(
  state: State,
  images: readonly SourceImage[],
  prints: Fingerprints,
  { earlier, anyUsage }: { earlier: boolean; anyUsage: boolean },
): Generator<Pair> {
  const { table } = state;
  const byMean = state
    .freeRows()
    .map((rows) => rows.sort((a, b) => table.prints.mean[a]! - table.prints.mean[b]! || a - b));
  const reach = MEAN_REACH / LEVEL;
  for (const [image, { label, hint, bound: own, ...found }] of images.entries()) {
    if (!state.seeks(image) || own === undefined || !isFace(found)) continue;
    const bound = earlier ? Math.max(own, EARLIER_SAVE.bound) : own;
    const limit = pixelReach(bound) ** 2;
    const rows = byMean[label]!;
    const mean = prints.mean[image]!;
    for (let at = firstAtLeast(rows, table.prints.mean, mean - reach); at < rows.length; at++) {
      const row = rows[at]!;
      if (table.prints.mean[row]! > mean + reach) break;
      if (!anyUsage && !allows(hint, usageOf(table, row))) continue;
      const distance = squaredDistance(prints, image, table.prints, row);
      if (distance > limit) continue;
      const alike = hashDistance(prints, image, table.prints, row) <= JPEG_HASH_REACH;
      if (!alike && distance > bound ** 2) continue;
      yield { image, row, distance, by: "pixels" };
    }
  }
}

function isFace({ width, height, coloured }: Pick<SourceImage, "width" | "height" | "coloured">): boolean {
  return width * height === PIXELS && width === SIDE && !coloured;
}

function firstAtLeast(rows: readonly number[], mean: Uint16Array, least: number): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (mean[rows[middle]!]! < least) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Images and the rows they look like. */
function* hashPairs(
  state: State,
  images: readonly SourceImage[],
  prints: Fingerprints,
  anyUsage: boolean,
): Generator<Pair> {
  const { table } = state;
  const free = state.freeRows();
  for (const [image, { label, hint }] of images.entries()) {
    if (!state.seeks(image)) continue;
    for (const row of free[label]!) {
      const distance = hashDistance(prints, image, table.prints, row);
      if (distance > HASH_REACH || (!anyUsage && !allows(hint, usageOf(table, row)))) continue;
      yield { image, row, distance, by: "hash" };
    }
  }
}

/** Takes pairs nearest first, each image and each row once; returns the images that were given a row. */
function assignNearest(state: State, pairs: Iterable<Pair>): number[] {
  const sorted = [...pairs].sort((a, b) => a.distance - b.distance || a.image - b.image || a.row - b.row);
  const given: number[] = [];
  for (const { image, row, by } of sorted) {
    if (!state.seeks(image) || !state.isFree(row)) continue;
    state.give(image, row, by);
    given.push(image);
  }
  return given;
}
