import { join } from "node:path";
import {
  type Column,
  FerBenchError,
  type NpyWriter,
  openNpyWriter,
  type Progress,
  type Row,
  writeParquet,
} from "@fer-bench/artifacts";
import { mapAhead, type RawSample, SPLITS, type Split } from "@fer-bench/datasets";
import type { FaceCutter } from "./cut-faces.ts";
import { toChip } from "./face-chip.ts";
import { faceId } from "./face-id.ts";
import type { LocatedFace } from "./located-face.ts";
import { createPixelStatistics, type PixelStatistics } from "./pixel-statistics.ts";
import { createSearchTally, type SearchSummary } from "./search-tally.ts";
import type { SourceExamples } from "./source-examples.ts";

/**
 * A row of `faces.parquet`: row i is chip i of `faces.npy`. The box is what the chip shows, turned by `roll` about its
 * centre, in pixels of the raw image.
 */
export interface FaceRow {
  readonly index: number;
  /** The sample's; where all faces of a picture are kept, "#2", "#3" ... follow it in those after the surest. */
  readonly id: string;
  readonly split: Split;
  readonly label: string;
  readonly subject?: string;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly score?: number;
  /** Radians, clockwise as seen. */
  readonly roll?: number;
  /** x0, y0, x1, y1 ... in pixels of the chip. */
  readonly landmarks?: Float32Array | readonly number[];
  readonly found: string;
  /** Of annotators, a number for each class of the data set. */
  readonly votes?: readonly number[];
}

const COLUMNS: readonly Column[] = [
  { name: "index", type: "int32" },
  { name: "id", type: "string" },
  { name: "split", type: "string" },
  { name: "label", type: "string" },
  { name: "subject", type: "string", nullable: true },
  { name: "left", type: "double" },
  { name: "top", type: "double" },
  { name: "width", type: "double" },
  { name: "height", type: "double" },
  { name: "score", type: "double", nullable: true },
  { name: "roll", type: "double", nullable: true },
  { name: "landmarks", type: "floats", nullable: true },
  { name: "found", type: "string" },
  { name: "votes", type: "ints", nullable: true },
];

const DROPPED_COLUMNS: readonly Column[] = ["id", "split", "label", "path"].map((name) => ({
  name,
  type: "string",
}));

/** Chips written at a time. */
const BATCH = 256;
/** What the pictures under way may come to, one of them excepted. */
const BYTES_AHEAD = 256 * 2 ** 20;

/** What cuts faces, and how many pictures it wants at once. */
export interface Cutter {
  readonly cut: FaceCutter;
  readonly atOnce: number;
}

export interface FacesRequest {
  /** The folder to write into. */
  readonly out: string;
  readonly samples: AsyncIterable<RawSample>;
  readonly total: number;
  readonly size: number;
  readonly channels: 1 | 3;
  readonly cutter: Cutter;
  /** Where faces are searched for: gathers pictures for the contact sheet. */
  readonly sources: SourceExamples | undefined;
  readonly task: string;
  readonly progress: Progress;
}

export interface WrittenFaces {
  readonly count: number;
  /** Label of each row. */
  readonly labels: readonly string[];
  readonly found: Readonly<Record<string, number>>;
  readonly search: SearchSummary;
  readonly pixels: Readonly<Partial<Record<Split, PixelStatistics>>>;
}

/** Writes `faces.npy` and `faces.parquet`, and `dropped.parquet` where faces are searched for. */
export async function writeFaces(request: FacesRequest): Promise<WrittenFaces> {
  const { out, samples, total, size, channels, cutter, sources, progress } = request;
  const chips = await openNpyWriter(join(out, "faces.npy"), "uint8", [size, size, channels]);
  const batches = batchRows(chips, size * size * channels);
  const labels: string[] = [];
  const found: Record<string, number> = {};
  const tally = createSearchTally();
  const statistics = new Map(SPLITS.map((split) => [split, createPixelStatistics(channels)]));
  const task = progress.start(request.task, total, "images");
  async function* rows(): AsyncGenerator<Row> {
    let done = 0;
    const cut = mapAhead(
      samples,
      cutter.atOnce,
      async (sample) => ({ sample, cuts: await cutter.cut(sample) }),
      { most: BYTES_AHEAD, weigh: ({ image }) => image.data.length },
    );
    for await (const { sample, cuts } of cut) {
      const faces = cuts.map(({ face }) => face);
      tally.add(sample, faces);
      await sources?.add(sample, faces);
      for (const [i, { face, chip }] of cuts.entries()) {
        statistics.get(sample.split)!.add(chip);
        found[face.found] = (found[face.found] ?? 0) + 1;
        await batches.append(chip);
        yield { ...faceRow({ ...sample, id: faceId(sample.id, i) }, face, labels.length, size) };
        labels.push(sample.label);
      }
      task.update(++done);
    }
    await batches.flush();
  }
  try {
    const count = await writeParquet(join(out, "faces.parquet"), COLUMNS, rows());
    if (sources !== undefined) {
      await writeParquet(
        join(out, "dropped.parquet"),
        DROPPED_COLUMNS,
        tally.dropped.map((row) => ({ ...row })),
      );
    }
    if (count === 0 && total > 0) throw noFaces(tally.dropped.length);
    if (tally.dropped.length > 0) {
      progress.note(
        `${tally.dropped.length} of ${total} images have no face and are left out: dropped.parquet`,
        "warning",
      );
    }
    const pixels = Object.fromEntries(
      [...statistics]
        .map(([split, of]) => [split, of.result()] as const)
        .filter(([, { count }]) => count > 0),
    );
    return { count, labels, found, search: tally.summary(), pixels };
  } finally {
    await chips.close();
    task.end();
  }
}

function noFaces(images: number): FerBenchError {
  return new FerBenchError("bad-data", `no face was found in any of ${images} images`, {
    field: "face",
    remedy: 'set more upsamplings or a lower threshold, or "ifNone": "whole" to take pictures as they are',
  });
}

function faceRow(sample: RawSample, face: LocatedFace, index: number, size: number): FaceRow {
  const { id, split, label, subject, votes } = sample;
  const { box, score, roll, landmarks, found } = face;
  return {
    index,
    id,
    split,
    label,
    ...(subject !== undefined && { subject }),
    ...box,
    ...(score !== undefined && { score }),
    ...(roll !== undefined && { roll }),
    ...(landmarks && { landmarks: toChip(landmarks, face, size) }),
    found,
    ...(votes && { votes }),
  };
}

/** Gathers rows, so that the file is written in large pieces. */
function batchRows(
  writer: NpyWriter,
  rowLength: number,
): { append(row: Uint8Array): Promise<void>; flush(): Promise<void> } {
  const batch = new Uint8Array(BATCH * rowLength);
  let rows = 0;
  const flush = async (): Promise<void> => {
    if (rows > 0) await writer.append(batch.subarray(0, rows * rowLength));
    rows = 0;
  };
  return {
    async append(row) {
      batch.set(row, rows++ * rowLength);
      if (rows === BATCH) await flush();
    },
    flush,
  };
}
