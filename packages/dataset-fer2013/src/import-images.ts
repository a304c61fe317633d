import { basename, dirname, extname, join, resolve } from "node:path";
import { FerBenchError, type Progress } from "@fer-bench/artifacts";
import { hashFile, type ImportRecord, inWorkFolder, placeImport, type Split } from "@fer-bench/datasets";
import { CLASSES, FER2013, SPLIT_OF_USAGE, USAGES } from "./facts.ts";
import { ImageSpool } from "./image-spool.ts";
import { type ImageIndex, writeImagesTar } from "./images-tar.ts";
import type { ImageFile } from "./read-images.ts";
import { type RecognisedCopy, recogniseCopy } from "./recognise-copy.ts";
import { type RowTable, usageOf } from "./table.ts";

/** The name under which copies are imported whose images are not FER-2013's. */
export const ALTERED = "fer2013-altered";
const TAR = "images.tar";

interface Request {
  readonly files: AsyncIterable<ImageFile>;
  readonly source: string;
  readonly rawDir: string;
  readonly table: RowTable;
  readonly acceptAltered: boolean;
  readonly progress: Progress;
}

/** What came of it, and the folder it lies in: beside `rawDir` for an altered copy. */
export interface PlacedImport {
  readonly record: ImportRecord;
  readonly folder: string;
}

/**
 * Recognises the images, and keeps them in one tar in record order. A copy that is not FER-2013 image by image is a
 * FerBenchError that says what is different, unless `acceptAltered`.
 */
export async function importImages(request: Request): Promise<PlacedImport> {
  const { files, source, rawDir, table, acceptAltered, progress } = request;
  return inWorkFolder(rawDir, async (work) => {
    const spool = new ImageSpool(join(work, "spool"));
    try {
      const copy = await recogniseCopy(files, spool, table, source, progress);
      const altered = copy.verdict.pixels === "altered";
      if (altered && !acceptAltered) throw refusal(copy, source);
      const folder = altered ? resolve(dirname(resolve(rawDir)), ALTERED) : rawDir;
      return { folder, record: await placeImages(copy, spool, { ...request, rawDir: folder }) };
    } finally {
      await spool.close();
    }
  });
}

function refusal({ images, assignment, verdict }: RecognisedCopy, source: string): FerBenchError {
  const count = (way: string): number => assignment.by.filter((by) => by === way).length;
  const recognised = count("checksum") + count("pixels") + count("hash");
  const heading =
    `not FER-2013 as the challenge published it: of ${images.length} images ${recognised} are recognised, ` +
    `${count("checksum")} pixel for pixel, ${count("pixels")} within what JPEG does, ${count("hash")} by looks`;
  return new FerBenchError("bad-data", [heading, ...verdict.problems].join("\n  - "), {
    file: source,
    remedy:
      `Import fer2013.csv or icml_face_data.csv of the challenge; or take this copy as it is, as the data set ` +
      `${ALTERED}, with --accept-altered: results on it are not FER-2013's.`,
  });
}

async function placeImages(
  copy: RecognisedCopy,
  spool: ImageSpool,
  { source, rawDir, table, progress }: Request,
): Promise<ImportRecord> {
  const { images, spooled, assignment, verdict } = copy;
  const altered = verdict.pixels === "altered";
  const order = recordOrder(assignment.row);
  const records = order.map((i) => toRecord(copy, i, table, source));
  const channels = images.some((image) => image.coloured) ? 3 : 1;
  async function* inOrder() {
    const task = progress.start("keeping images", order.length, "images");
    for (const [n, i] of order.entries()) {
      yield { name: images[i]!.name, file: await spool.read(spooled[i]!) };
      if (n % 500 === 0) task.update(n);
    }
    task.end();
  }
  return placeImport(rawDir, FER2013, async (work) => {
    const path = join(work, TAR);
    await writeImagesTar(path, { channels, records }, inOrder());
    return {
      version: 1,
      dataset: altered ? ALTERED : "fer2013",
      form: `${describeForm(copy)}, ${altered ? "altered" : describeKnown(verdict.pixels)}`,
      pixels: verdict.pixels,
      data: { file: TAR, ...(await hashFile(path)) },
      source: basename(resolve(source)),
      warnings: [...(altered ? verdict.problems : verdict.warnings)],
    };
  });
}

/** Images with rows in the rows' order, then the others in the order of their names. */
function recordOrder(rows: Int32Array): number[] {
  const rank = (i: number): number => (rows[i] === -1 ? rows.length + 2 ** 31 : rows[i]!);
  return [...rows.keys()].sort((a, b) => rank(a) - rank(b) || a - b);
}

function toRecord(
  { images, assignment, verdict }: RecognisedCopy,
  i: number,
  table: RowTable,
  source: string,
): ImageIndex["records"][number] {
  const row = assignment.row[i]!;
  const set = verdict.pixels === "altered" ? ALTERED : "fer2013";
  const number = row === -1 ? `u${String(i).padStart(5, "0")}` : String(row).padStart(5, "0");
  return {
    id: `${set}-${number}`,
    split: splitOf(images[i]!, row, table, source),
    label: CLASSES[images[i]!.label]!,
  };
}

/** The row's, else what the name says; FerBenchError if that is not one split. */
function splitOf(
  { name, hint }: RecognisedCopy["images"][number],
  row: number,
  table: RowTable,
  source: string,
): Split {
  if (row !== -1) return SPLIT_OF_USAGE[usageOf(table, row)];
  const usage = USAGES.find((known) => known === hint);
  if (usage !== undefined) return SPLIT_OF_USAGE[usage];
  throw new FerBenchError(
    "bad-data",
    "the split of an image is lost: its name does not tell PublicTest from PrivateTest, and it is not recognised",
    {
      file: source,
      field: name,
      remedy: "Use a copy whose files are named Training_*, PublicTest_* and PrivateTest_*, or the CSV.",
    },
  );
}

function describeForm({ images }: RecognisedCopy): string {
  const endings = new Set(
    images.map(({ name }) => extname(name).slice(1).toLowerCase().replace("jpg", "jpeg")),
  );
  return `${[...endings].sort().join(" and ").toUpperCase()} images in class folders`;
}

function describeKnown(pixels: string): string {
  return pixels === "exact" ? "every pixel the CSV's" : "re-encoded from the CSV's";
}
