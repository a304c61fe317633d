import { FerBenchError, type Progress } from "@fer-bench/artifacts";
import { decodeImage, pixelSha256 } from "@fer-bench/datasets";
import { type Assignment, assignRows, BY_CHANCE } from "./assign-rows.ts";
import { SIDE } from "./facts.ts";
import { emptyFingerprints, enterFingerprint, type Fingerprints, permuted } from "./fingerprints.ts";
import { type Grey, resample, toGrey, unevenness } from "./grey.ts";
import { guessGeometry, TRIED } from "./guess-geometry.ts";
import type { ImageSpool } from "./image-spool.ts";
import { jpegQuantisation, quantisationBound } from "./jpeg.ts";
import { standardQuality } from "./jpeg-quality.ts";
import { judgeCopy, type Verdict } from "./judge-copy.ts";
import { naturalOrder } from "./natural-order.ts";
import type { ImageFile } from "./read-images.ts";
import type { SourceImage } from "./source-image.ts";
import { resolveNumberedTests } from "./split-names.ts";
import type { RowTable } from "./table.ts";

/** The images of a source in natural order of their names, what they were known by, and what that makes of them. */
export interface RecognisedCopy {
  readonly images: readonly SourceImage[];
  /** [images]: where the image lies in the spool. */
  readonly spooled: readonly number[];
  readonly assignment: Assignment;
  readonly verdict: Verdict;
}

/** Reads every image once, into the spool, and compares them with the table's rows. */
export async function recogniseCopy(
  files: AsyncIterable<ImageFile>,
  spool: ImageSpool,
  table: RowTable,
  source: string,
  progress: Progress,
): Promise<RecognisedCopy> {
  const { found, prints: unordered } = await fingerprintAll(files, spool, table, source, progress);
  const spooled = [...found.keys()].sort((a, b) => naturalOrder(found[a]!.name, found[b]!.name));
  const ordered = spooled.map((i) => found[i]!);
  const hints = resolveNumberedTests(ordered, table);
  const images = ordered.map((image, i) => ({ ...image, hint: hints[i] }));
  const prints = permuted(unordered, spooled);
  const assignment = assignRows(images, prints, table);
  const unknown = images.flatMap((_, i) => (assignment.by[i] === undefined ? [i] : []));
  const geometry =
    unknown.length > BY_CHANCE * images.length
      ? guessGeometry(await readSome(unknown, images, spooled, spool), table)
      : undefined;
  return { images, spooled, assignment, verdict: judgeCopy(images, prints, assignment, table, geometry) };
}

async function fingerprintAll(
  files: AsyncIterable<ImageFile>,
  spool: ImageSpool,
  table: RowTable,
  source: string,
  progress: Progress,
): Promise<{ found: SourceImage[]; prints: Fingerprints }> {
  const most = 2 * table.count;
  const prints = emptyFingerprints(most);
  const found: SourceImage[] = [];
  const task = progress.start("reading images", table.count, "images");
  try {
    for await (const { name, label, hint, file, image } of files) {
      if (found.length === most) {
        throw new FerBenchError("bad-data", `more than ${most} images; FER-2013 has ${table.count}`, {
          file: source,
          remedy: "Pass a folder or an archive that holds FER-2013 alone.",
        });
      }
      const { grey, coloured } = toGrey(image);
      const steps = jpegQuantisation(file);
      const sha256 = pixelSha256({ ...grey, channels: 1 });
      enterFingerprint(prints, found.length, resample(grey, SIDE, SIDE).data, sha256);
      found.push({
        name,
        label,
        hint,
        width: image.width,
        height: image.height,
        coloured,
        bound: steps && quantisationBound(steps),
        standardTables: steps === undefined || standardQuality(steps) !== undefined,
        unevenness: unevenness(grey),
      });
      await spool.append(file);
      if (found.length % 500 === 0) task.update(found.length);
    }
    await spool.endWriting();
  } finally {
    task.end(`${found.length} images`);
  }
  return { found, prints };
}

/** Some of the images, evenly chosen, decoded again. */
async function readSome(
  among: readonly number[],
  images: readonly SourceImage[],
  spooled: readonly number[],
  spool: ImageSpool,
): Promise<{ image: Grey; label: number }[]> {
  const count = Math.min(TRIED, among.length);
  const chosen = Array.from({ length: count }, (_, n) => among[Math.floor((n * among.length) / count)]!);
  return Promise.all(
    chosen.map(async (i) => {
      const { name, label } = images[i]!;
      return { image: toGrey(await decodeImage(await spool.read(spooled[i]!), name)).grey, label };
    }),
  );
}
