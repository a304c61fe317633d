/**
 * Measures how well copies of FER-2013 are told apart: re-encodes and alters its images, gives them to the
 * recognition, and prints one line of a Markdown table for each kind of copy (packages/dataset-fer2013/README.md).
 *
 *   npx tsx --conditions=@fer-bench/source tools/fer2013-recognition.ts <fer2013.csv or .gz> [every n-th row] [copies whose name matches]
 */
import { assignRows } from "../packages/dataset-fer2013/src/assign-rows.ts";
import {
  cropped,
  equalised,
  face,
  gammaCorrected,
  mirrored,
  resized,
  type SavedCopy,
  savedAsJpeg,
} from "../packages/dataset-fer2013/src/copies.test.helper.ts";
import { openCsv } from "../packages/dataset-fer2013/src/csv.ts";
import { measureDistance } from "../packages/dataset-fer2013/src/distance.ts";
import { SIDE, USAGES } from "../packages/dataset-fer2013/src/facts.ts";
import {
  emptyFingerprints,
  enterFingerprint,
  hashDistance,
  squaredDistance,
} from "../packages/dataset-fer2013/src/fingerprints.ts";
import { type Grey, resample, unevenness } from "../packages/dataset-fer2013/src/grey.ts";
import { jpegQuantisation, quantisationBound } from "../packages/dataset-fer2013/src/jpeg.ts";
import { standardQuality } from "../packages/dataset-fer2013/src/jpeg-quality.ts";
import type { SourceImage } from "../packages/dataset-fer2013/src/source-image.ts";
import { emptyTable } from "../packages/dataset-fer2013/src/table.ts";
import { openSource } from "../packages/datasets/src/archives/open-source.ts";

const jpeg =
  (quality: number, before: (image: Grey) => Grey = (image) => image, more = {}) =>
  (image: Grey) =>
    savedAsJpeg(before(image), { quality, ...more });
const there = (side: number, kernel: Parameters<typeof resized>[2]) => (image: Grey) =>
  resized(resized(image, side, kernel), SIDE, kernel);
const enlarged = (border: number) => (image: Grey) => resized(cropped(image, border), SIDE, "cubic");
const lossless = (change: (image: Grey) => Grey) => async (image: Grey) => ({ grey: change(image) });

const COPIES: Record<string, (image: Grey) => Promise<SavedCopy>> = {
  ...Object.fromEntries([100, 95, 90, 85, 80, 75, 70, 60, 50].map((q) => [`JPEG ${q}`, jpeg(q)])),
  "JPEG 75, saved in colour": jpeg(75, undefined, { colour: true }),
  "MozJPEG 95": jpeg(95, undefined, { mozjpeg: true }),
  "MozJPEG 75": jpeg(75, undefined, { mozjpeg: true }),
  "JPEG 90, then 95": async (image) =>
    savedAsJpeg((await savedAsJpeg(image, { quality: 90 })).grey, { quality: 95 }),
  "gamma 1.05, JPEG 90": jpeg(90, (image) => gammaCorrected(image, 1.05)),
  "to 64 and back (cubic), JPEG 75": jpeg(75, there(64, "cubic")),
  "to 64 and back (OpenCV's cubic), JPEG 75": jpeg(75, there(64, "cubic-opencv")),
  "to 64 and back (OpenCV's cubic), JPEG 95": jpeg(95, there(64, "cubic-opencv")),
  "to 64 and back (Lanczos), JPEG 95": jpeg(95, there(64, "lanczos")),
  "to 224 and back (linear), JPEG 95": jpeg(95, there(224, "linear")),
  "to 224 (linear), JPEG 95": jpeg(95, (image) => resized(image, 224, "linear")),
  "histogram-equalised, JPEG 90": jpeg(90, equalised),
  "cropped by 1 a side and enlarged, JPEG 95": jpeg(95, enlarged(1)),
  "cropped by 4 a side and enlarged, JPEG 95": jpeg(95, enlarged(4)),
  "mirrored, PNG": lossless(mirrored),
};

const [csv, step = "1", only = ""] = process.argv.slice(2);
if (csv === undefined) throw new Error("usage: fer2013-recognition.ts <fer2013.csv or .gz> [every n-th row]");

const faces: Uint8Array[] = [];
const labels: number[] = [];
const usages: number[] = [];
for await (const entry of openSource(csv)) {
  for await (const row of (await openCsv(await entry.open(), csv, entry.name)).rows) {
    faces.push(row.pixels);
    labels.push(row.label);
    usages.push(USAGES.indexOf(row.usage));
  }
}
const table = emptyTable(faces.length);
table.label.set(labels);
table.usage.set(usages);
// Checksums play no part here, as no copy keeps its pixels: the table has one that no copy has.
for (const [row, pixels] of faces.entries()) enterFingerprint(table.prints, row, pixels, "00000000ffffffff");
const rows = faces.map((_, row) => row).filter((row) => row % Number(step) === 0);

const rms = (a: Uint8Array, b: Uint8Array): number =>
  Math.sqrt(a.reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0) / a.length);

const quantiles = (values: number[], digits: number): string => {
  values.sort((a, b) => a - b);
  return [0.01, 0.5, 0.99, 1]
    .map((p) => values[Math.min(values.length - 1, Math.floor(p * values.length))]!.toFixed(digits))
    .join(" / ");
};

process.stdout.write(
  "| copy | by pixels | by hash | to the right row, or its equal | other rows: RMS to the right one | RMS (estimate) | bound | single image: estimate / bound | mean shift | contrast | detail | unevenness | hash distance to its row |\n|---|---|---|---|---|---|---|---|---|---|---|---|---|\n",
);
for (const [name, save] of Object.entries(COPIES)) {
  if (!new RegExp(only).test(name)) continue;
  const prints = emptyFingerprints(rows.length);
  const images: SourceImage[] = [];
  let squares = 0;
  for (const [i, row] of rows.entries()) {
    const { grey, jpeg: file } = await save(face(faces[row]!));
    const quantisation = file && jpegQuantisation(file);
    const normal = resample(grey, SIDE, SIDE);
    enterFingerprint(prints, i, normal.data, "ffffffff00000000");
    for (const [at, value] of normal.data.entries()) squares += (value - faces[row]![at]!) ** 2;
    images.push({
      name: `${row}`,
      label: labels[row]!,
      hint: USAGES[usages[row]!]!,
      width: grey.width,
      height: grey.height,
      coloured: false,
      bound: quantisation && quantisationBound(quantisation),
      standardTables: quantisation === undefined || standardQuality(quantisation) !== undefined,
      unevenness: unevenness(grey),
    });
  }
  const found = assignRows(images, prints, table);
  const count = (by: string): string =>
    `${((100 * found.by.filter((way) => way === by).length) / rows.length).toFixed(2)}%`;
  const apart = rows.flatMap((row, i) =>
    found.row[i] === -1 ? [] : [rms(faces[row]!, faces[found.row[i]!]!)],
  );
  const right = apart.filter((distance) => distance === 0).length;
  const wrong = apart.filter((distance) => distance > 0);
  const own = {
    row: Int32Array.from(rows),
    by: rows.map(() => "pixels" as const),
    relabelled: new Set<number>(),
    surplus: new Set<number>(),
  };
  const d = measureDistance(images, prints, own, table, ["pixels"])!;
  const worst = images.map(
    ({ bound }, i) => Math.sqrt(squaredDistance(prints, i, table.prints, rows[i]!)) / (bound ?? Number.NaN),
  );
  const hash = rows.map((row, i) => hashDistance(prints, i, table.prints, row));
  process.stdout.write(
    `| ${[
      name,
      count("pixels"),
      count("hash"),
      `${((100 * right) / rows.length).toFixed(2)}%`,
      wrong.length === 0 ? "" : quantiles(wrong, 1),
      `${Math.sqrt(squares / rows.length / SIDE ** 2).toFixed(2)} (${d.rms.toFixed(2)})`,
      d.bound?.toFixed(2) ?? "",
      d.bound === undefined ? "" : quantiles(worst, 2),
      d.meanShift.toFixed(2),
      d.contrastRatio.toFixed(3),
      d.detailRatio.toFixed(3),
      d.unevenness.toFixed(2),
      quantiles(hash, 0),
    ].join(" | ")} |\n`,
  );
}
