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
  const lines: string[] = [];
  for (const split of SPLITS) {
    const expected = entry.expected.counts[split];
    if (expected === undefined) continue;
    for (const label of new Set([...entry.classes, ...Object.keys(expected)])) {
      const wanted = expected[label] ?? 0;
      const has = found.counts[split][label] ?? 0;
      if (wanted !== has) lines.push(diffLine(split, label, wanted, has));
    }
  }
  if (lines.length > 0) {
    throw new FerBenchError(
      "bad-data",
      [`${name} is not what the manifest says:`, HEADER, ...lines].join("\n"),
      {
        file: manifestFile,
        field: `datasets.${name}.expected.counts`,
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
  const differences = wrong.map(
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
    [`${name} has the right counts, but other images or labels than the manifest says:`, ...differences].join(
      "\n",
    ),
    {
      file: manifestFile,
      field: `datasets.${name}.expected.checksums`,
      remedy: "import the data set again from its original files",
    },
  );
}

const HEADER = `  ${"split".padEnd(12)}${"class".padEnd(12)}${"manifest".padStart(10)}${"found".padStart(10)}${"difference".padStart(12)}`;

function diffLine(split: string, label: string, wanted: number, has: number): string {
  const difference = has - wanted > 0 ? `+${has - wanted}` : String(has - wanted);
  return `  ${split.padEnd(12)}${label.padEnd(12)}${String(wanted).padStart(10)}${String(has).padStart(10)}${difference.padStart(12)}`;
}
