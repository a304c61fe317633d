import { describeAlterations } from "./alterations.ts";
import type { Assignment } from "./assign-rows.ts";
import { type Distance, measureDistance } from "./distance.ts";
import { CLASSES, SPLIT_OF_USAGE, USAGES } from "./facts.ts";
import { type Fingerprints, PROJECTIONS } from "./fingerprints.ts";
import type { SourceImage } from "./source-image.ts";
import { compareSplitNames } from "./split-names.ts";
import { countRows, type RowTable } from "./table.ts";

export interface Verdict {
  /** Every row's very pixels, their faithful JPEGs, or neither. */
  readonly pixels: "exact" | "re-encoded" | "altered";
  /** Why this is not FER-2013, in words; empty unless `pixels` is "altered". */
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
  /** Of the images that are not pixel for pixel their rows'. */
  readonly distance: Distance | undefined;
}

/** Decides what a copy is, from what its images were known by. `geometry` is what guessGeometry found. */
export function judgeCopy(
  images: readonly SourceImage[],
  prints: Fingerprints,
  assignment: Assignment,
  table: RowTable,
  geometry: string | undefined,
): Verdict {
  const notExact = images.filter((_, i) => assignment.by[i] !== "checksum" && isSought(assignment, i));
  const distance = measureDistance(images, prints, assignment, table, ["pixels", "hash"]);
  const problems = [
    ...describeAlterations(notExact, distance),
    ...describeUnknown(images, assignment, geometry),
    ...describeMisplaced(images, assignment),
    ...describeMissing(assignment, table),
  ];
  const names = describeSplitNames(images, assignment, table);
  if (problems.length > 0) {
    return { pixels: "altered", problems: [...problems, ...names], warnings: [], distance };
  }
  if (distance === undefined) return { pixels: "exact", problems, warnings: names, distance };
  return { pixels: "re-encoded", problems, warnings: [describeReencoding(distance), ...names], distance };
}

/** Whether the image was looked for beyond its checksum. */
function isSought({ relabelled, surplus }: Assignment, i: number): boolean {
  return !relabelled.has(i) && !surplus.has(i);
}

function describeReencoding({ images, rms, bound }: Distance): string {
  const accounts = `their quantisation accounts for ${bound.toFixed(2)} at most`;
  return (
    `${images} images are JPEGs of FER-2013's: their pixels are off by ${rms.toFixed(2)} grey levels of 255 (root mean ` +
    `square over all pixels, estimated from ${PROJECTIONS} random projections of each image; ` +
    `${rms > bound ? `${accounts}: they were saved before` : accounts}). Numbers on them are not quite FER-2013's.`
  );
}

function describeUnknown(
  images: readonly SourceImage[],
  assignment: Assignment,
  geometry: string | undefined,
): string[] {
  const { by } = assignment;
  const alike = images.filter((_, i) => by[i] === "hash");
  const unknown = images.filter((_, i) => by[i] === undefined && isSought(assignment, i));
  const found: string[] = [];
  if (alike.length > 0) {
    found.push(
      `${alike.length} of ${images.length} images only look like FER-2013's, such as ${alike[0]!.name}`,
    );
  }
  if (unknown.length > 0) {
    found.push(
      `${unknown.length} of ${images.length} images look like none of FER-2013's of their class, such as ` +
        `${unknown[0]!.name}: ${geometry ?? "cut out differently, turned, or other pictures"}`,
    );
  }
  return found;
}

function describeMisplaced(images: readonly SourceImage[], { relabelled, surplus }: Assignment): string[] {
  const found: string[] = [];
  const [misplaced] = relabelled;
  if (misplaced !== undefined) {
    found.push(
      `${relabelled.size} images lie in another class's folder than FER-2013 has them in, such as ` +
        images[misplaced]!.name,
    );
  }
  const [repeated] = surplus;
  if (repeated !== undefined) {
    found.push(`${surplus.size} images are there once too often, such as ${images[repeated]!.name}`);
  }
  return found;
}

/** The rows without an image, unless no image is recognised at all. */
function describeMissing({ row }: Assignment, table: RowTable): string[] {
  const there = new Set(row);
  if (row.every((given) => given === -1)) return [];
  const missing = countRows(table, (r) => !there.has(r));
  const all = countRows(table);
  const total = missing.flat().reduce((sum, count) => sum + count, 0);
  if (total === 0) return [];
  const splits = USAGES.flatMap((usage, u) => {
    const lacking = CLASSES.flatMap((name, c) => {
      const count = missing[u]![c]!;
      return count === 0 ? [] : [`${name} ${count} of ${all[u]![c]}`];
    });
    return lacking.length === 0 ? [] : [`${SPLIT_OF_USAGE[usage]} (${usage}): ${lacking.join(", ")}`];
  });
  return [`${total} of ${table.count} images missing: ${splits.join("; ")}`];
}

function describeSplitNames(
  images: readonly SourceImage[],
  { row, by }: Assignment,
  table: RowTable,
): string[] {
  const { untold, contradicting } = compareSplitNames(images, row, table);
  const means = by.every((way) => way === "checksum")
    ? "the checksums of their pixels"
    : "their fingerprints";
  const found: string[] = [];
  if (untold > 0) {
    found.push(
      `names lost what tells the splits apart (Training_, PublicTest_, PrivateTest_): ${untold} of ${images.length} ` +
        `images could be of more than one; where an image was recognised, its split was found by ${means}`,
    );
  }
  if (contradicting > 0) {
    found.push(
      `${contradicting} of ${images.length} images lie in another split's folder than FER-2013 has them in; where ` +
        `an image was recognised, its split is FER-2013's, found by ${means}`,
    );
  }
  return found;
}
