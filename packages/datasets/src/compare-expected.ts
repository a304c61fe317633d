import { FerBenchError } from "@fer-bench/artifacts";
import type { ImportedState } from "./dataset-package.ts";
import { SPLITS, type Split } from "./labels.ts";
import type { DatasetEntry } from "./manifest.ts";

/** Samples by split and class; every class of the list is there, zeros too. */
export type SplitCounts = Record<Split, Record<string, number>>;
export type SplitChecksums = Record<Split, string>;

export interface Found {
  readonly counts: SplitCounts;
  readonly checksums: SplitChecksums;
  /** What the package counted in the raw data. */
  readonly tally?: Readonly<Record<string, number>>;
}

/**
 * Compares what was found with what the manifest says. Wrong counts are an error with a table of the
 * differences; so are wrong checksums, but for sets made by code, whose pixels may differ in the last bit
 * on another processor, and for faithful re-encodings: there it is a warning. Gives the warnings.
 */
export function compareExpected(
  name: string,
  entry: DatasetEntry,
  found: Found,
  manifestFile: string,
  pixels: ImportedState["pixels"] = "exact",
): string[] {
  const { counts, tally } = entry.expected;
  const unlike = [
    ...(tally ? differences("raw data", tally, found.tally ?? {}) : []),
    ...(counts.all ? differences("all", counts.all, total(found.counts)) : []),
    ...SPLITS.flatMap((split) =>
      counts[split] ? differences(split, counts[split], found.counts[split]) : [],
    ),
  ];
  if (unlike.length > 0) {
    throw new FerBenchError(
      "bad-data",
      [`${name} is not what the manifest says:`, ...tableOf(unlike)].join("\n"),
      {
        file: manifestFile,
        field: `datasets.${name}.expected`,
        remedy: entry.generated
          ? "correct the counts there; they follow from the options of the set"
          : "import the data set again from its original files, or correct the counts if the manifest is wrong",
      },
    );
  }
  const wrong = SPLITS.filter((split) => {
    const expected = entry.expected.checksums?.[split];
    return expected !== undefined && expected !== found.checksums[split];
  });
  if (wrong.length === 0) return [];
  const checksums = wrong.map(
    (split) => `  ${split}: manifest ${entry.expected.checksums?.[split]}, found ${found.checksums[split]}`,
  );
  if (entry.generated) {
    return [
      `the rendered pixels of ${wrong.join(", ")} are not those of the reference rendering: other options, or another processor or version of the renderer`,
    ];
  }
  if (pixels === "re-encoded") {
    return [`the images of ${wrong.join(", ")} are a re-encoding of the original's: same rows, other pixels`];
  }
  throw new FerBenchError(
    "bad-data",
    [`${name} has the right counts, but other images or labels than the manifest says:`, ...checksums].join(
      "\n",
    ),
    {
      file: manifestFile,
      field: `datasets.${name}.expected.checksums`,
      remedy: "import the data set again from its original files",
    },
  );
}

/** Of what, label, what the manifest says, what was found. */
type Difference = readonly [of: string, label: string, wanted: number, has: number];

/** The labels whose numbers differ. */
function differences(
  of: string,
  expected: Readonly<Record<string, number>>,
  found: Readonly<Record<string, number>>,
): Difference[] {
  return [...new Set([...Object.keys(expected), ...Object.keys(found)])].flatMap((label): Difference[] => {
    const wanted = expected[label] ?? 0;
    const has = found[label] ?? 0;
    return wanted === has ? [] : [[of, label, wanted, has]];
  });
}

function total(counts: SplitCounts): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const of of Object.values(counts)) {
    for (const [label, count] of Object.entries(of)) sums[label] = (sums[label] ?? 0) + count;
  }
  return sums;
}

function tableOf(rows: readonly Difference[]): string[] {
  const width = Math.max(...rows.map(([, label]) => label.length + 2), 12);
  const line = (of: string, label: string, wanted: string, has: string, difference: string): string =>
    `  ${of.padEnd(12)}${label.padEnd(width)}${wanted.padStart(10)}${has.padStart(10)}${difference.padStart(12)}`;
  return [
    line("split", "class", "manifest", "found", "difference"),
    ...rows.map(([of, label, wanted, has]) => {
      const difference = has > wanted ? `+${has - wanted}` : String(has - wanted);
      return line(of, label, String(wanted), String(has), difference);
    }),
  ];
}
