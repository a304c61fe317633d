import { escapeMarkdown, markdownLink, markdownProse } from "@fer-bench/artifacts";
import type { DatasetEntry } from "../manifest.ts";
import type { DatasetSummary } from "../prepare.ts";
import { describeDataset, imagesOf } from "./words.ts";

/**
 * A data set's card: Markdown with the YAML that the Hugging Face hub reads (its "Dataset Cards" documentation), from
 * the manifest and what prepare found. `tables` are the Parquet files beside it.
 */
export function datasetCard(
  name: string,
  entry: DatasetEntry,
  summary: DatasetSummary,
  tables: readonly { readonly name: string; readonly file: string }[],
): string {
  const { title, licence, citation, homepage, source, notes } = entry;
  const { duplicates, nearDuplicates, alsoInTrain, blank, dropped, warnings, checksums } = summary;
  const yaml = [
    "---",
    `pretty_name: ${JSON.stringify(title)}`,
    "license: other",
    `license_name: ${JSON.stringify(licence.name)}`,
    ...(licence.url === undefined ? [] : [`license_link: ${JSON.stringify(licence.url)}`]),
    "task_categories:",
    "- image-classification",
    "tags:",
    "- facial-expression-recognition",
    "size_categories:",
    `- ${sizeCategory(Object.values(summary.counts).reduce((sum, of) => sum + imagesOf(of), 0))}`,
    "configs:",
    ...tables.flatMap((table) => [`- config_name: ${table.name}`, `  data_files: ${table.file}`]),
    "---",
  ];
  const splits = Object.keys(summary.counts).filter(
    (split) => imagesOf(summary.counts[split as "train"]) > 0,
  );
  const count = (value: number) => value.toLocaleString("en");
  const body = [
    `# ${escapeMarkdown(title)}`,
    markdownProse(describeDataset(entry, summary)),
    `The tables here name the images and say what is known of them; the images themselves are not part of them. ${
      licence.redistributable
        ? "Their licence lets them be passed on."
        : "Their licence does not let them be passed on."
    }`,
    "## How to get it",
    markdownProse(source.howToGet),
    ...(homepage === undefined ? [] : [`Home: ${markdownLink(homepage, homepage)}`]),
    "## Classes and splits",
    table(
      ["class", ...splits],
      entry.classes.map((label) => [
        escapeMarkdown(label),
        ...splits.map((split) => count(summary.counts[split as "train"][label] ?? 0)),
      ]),
    ),
    "## Copies",
    list([
      `${count(duplicates.images)} images have pixels that occur more than once; ${count(duplicates.acrossLabels)} of them stand under different labels, ${count(duplicates.acrossSplits)} in different splits.`,
      `With near copies (cropped, lightened, recompressed, mirrored) it is ${count(nearDuplicates.images)} images, ${count(nearDuplicates.acrossLabels)} under different labels, ${count(nearDuplicates.acrossSplits)} in different splits.`,
      ...Object.entries(alsoInTrain).map(
        ([split, { exactly, nearly }]) =>
          `Of the ${split} images, ${count(nearly)} are in train, too, ${count(exactly)} of them exactly.`,
      ),
      `${count(blank.length)} images are blank.`,
    ]),
    ...section(
      "Notes",
      [...notes, ...warnings, ...dropped.map(({ reason, count: of }) => `${count(of)} left out: ${reason}.`)],
      list,
    ),
    "## Checksums",
    "SHA-256 over the lines `id TAB label TAB pixelSha256 LF` of a split, sorted by id: the same for every lossless form of the data set.",
    table(
      ["split", "sha256"],
      splits.map((split) => [split, `\`${checksums[split as "train"]}\``]),
    ),
    "## Licence",
    markdownLink(licence.name, licence.url ?? ""),
    "## Citation",
    markdownProse(citation),
    `Written by fer-bench from the entry \`${name}\` of datasets.manifest.json and the prepared records.`,
  ];
  return `${yaml.join("\n")}\n\n${body.join("\n\n")}\n`;
}

const list = (lines: readonly string[]): string => lines.map((line) => `- ${markdownProse(line)}`).join("\n");

function section(
  heading: string,
  lines: readonly string[],
  write: (lines: readonly string[]) => string,
): string[] {
  return lines.length === 0 ? [] : [`## ${heading}`, write(lines)];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map((_, i) => (i === 0 ? ":--" : "--:"))), ...rows.map(line)].join("\n");
}

/** The hub's words for sizes. */
function sizeCategory(images: number): string {
  const limits: readonly [number, string][] = [
    [1e3, "n<1K"],
    [1e4, "1K<n<10K"],
    [1e5, "10K<n<100K"],
    [1e6, "100K<n<1M"],
  ];
  return limits.find(([limit]) => images < limit)?.[1] ?? "1M<n<10M";
}
