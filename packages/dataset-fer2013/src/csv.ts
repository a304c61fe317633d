import { FerBenchError } from "@fer-bench/artifacts";
import { csvLines } from "./csv-lines.ts";
import { CLASSES, PIXELS, SIDE, USAGES, type Usage } from "./facts.ts";

/** One row of fer2013.csv or icml_face_data.csv. */
export interface CsvRow {
  /** Counts from 0 below the header. */
  readonly row: number;
  /** Index of CLASSES. */
  readonly label: number;
  readonly usage: Usage;
  /** 48 x 48 grey values, row-major. */
  readonly pixels: Uint8Array;
}

/** Where the three columns stand. */
export interface CsvLayout {
  readonly columns: number;
  readonly emotion: number;
  readonly pixels: number;
  readonly usage: number;
}

export interface CsvFile {
  readonly header: string;
  /** Undefined where the header is not one of FER-2013's; there are no rows then. */
  readonly layout: CsvLayout | undefined;
  readonly rows: AsyncIterable<CsvRow>;
}

const COMMA = 44;
const QUOTE = 34;
const SPACE = 32;
const ZERO = 48;

/** Reads the header; `rows` then streams the rest. `file` and `entry` are what errors name. */
export async function openCsv(chunks: AsyncIterable<Buffer>, file: string, entry: string): Promise<CsvFile> {
  const lines = csvLines(chunks, file, entry);
  const first = await lines.next();
  const header = first.done ? "" : first.value.toString("utf8").replace(/^\uFEFF/, "");
  const layout = readHeader(header);
  return { header, layout, rows: rows(lines, layout, file, entry) };
}

/** `emotion`, `pixels` and `Usage` in any order, with or without spaces and quotes. */
export function readHeader(header: string): CsvLayout | undefined {
  const names = header.split(",").map((name) => name.replace(/["\s]/g, "").toLowerCase());
  const [emotion, pixels, usage] = ["emotion", "pixels", "usage"].map((name) => names.indexOf(name));
  if (emotion === undefined || pixels === undefined || usage === undefined) return undefined;
  if (emotion < 0 || pixels < 0 || usage < 0) return undefined;
  return { columns: names.length, emotion, pixels, usage };
}

async function* rows(
  lines: AsyncIterable<Buffer>,
  layout: CsvLayout | undefined,
  file: string,
  entry: string,
): AsyncGenerator<CsvRow> {
  if (layout === undefined) return;
  let row = 0;
  for await (const line of lines) {
    if (line.length === 0) continue;
    try {
      yield readRow(line, row, layout);
    } catch (cause) {
      if (!(cause instanceof RangeError)) throw cause;
      throw new FerBenchError("bad-data", `row ${row} ${cause.message}`, {
        file,
        field: `${entry}, row ${row} (line ${row + 2})`,
        remedy: "The file is damaged or was edited: get it again and compare its md5 with the published one.",
      });
    }
    row++;
  }
}

function readRow(line: Buffer, row: number, layout: CsvLayout): CsvRow {
  const fields = splitFields(line);
  if (fields.length !== 2 * layout.columns) {
    throw new RangeError(`has ${fields.length / 2} fields instead of ${layout.columns}`);
  }
  const text = (column: number): string =>
    line.toString("latin1", fields[2 * column], fields[2 * column + 1]).trim();
  const emotion = text(layout.emotion);
  const label = /^[0-6]$/.test(emotion) ? Number(emotion) : -1;
  if (label < 0)
    throw new RangeError(`has emotion "${shortened(emotion)}" instead of 0 to ${CLASSES.length - 1}`);
  const usage = text(layout.usage);
  if (!isUsage(usage))
    throw new RangeError(`has Usage "${shortened(usage)}" instead of ${USAGES.join(", ")}`);
  const pixels = new Uint8Array(PIXELS);
  readPixels(line, fields[2 * layout.pixels]!, fields[2 * layout.pixels + 1]!, pixels);
  return { row, label, usage, pixels };
}

/** Start and end of each field, without quotes around it; no field of these files holds a comma. */
function splitFields(line: Buffer): number[] {
  const bounds: number[] = [];
  for (let start = 0; start <= line.length; ) {
    const comma = line.indexOf(COMMA, start);
    const end = comma < 0 ? line.length : comma;
    const quoted = end - start >= 2 && line[start] === QUOTE && line[end - 1] === QUOTE;
    bounds.push(quoted ? start + 1 : start, quoted ? end - 1 : end);
    start = end + 1;
  }
  return bounds;
}

/**
 * Reads `v v v ...`, whole numbers of 0..255 between single or more spaces, from bytes start..end into `out`.
 * Anything else, or another count than `out` has room for, is a RangeError that says what was found.
 */
export function readPixels(bytes: Uint8Array, start: number, end: number, out: Uint8Array): void {
  let count = 0;
  let at = start;
  while (at < end) {
    if (bytes[at] === SPACE) {
      at++;
      continue;
    }
    const from = at;
    let value = 0;
    for (; at < end && bytes[at] !== SPACE; at++) {
      const digit = bytes[at]! - ZERO;
      value = digit >= 0 && digit <= 9 ? value * 10 + digit : Number.NaN;
    }
    if (!(value <= 255)) {
      const found = String.fromCharCode(...bytes.subarray(from, Math.min(at, from + 12)));
      throw new RangeError(`has "${found}" as its pixel ${count} instead of a whole number of 0 to 255`);
    }
    if (count < out.length) out[count] = value;
    count++;
  }
  if (count !== out.length) {
    throw new RangeError(`has ${count} pixels instead of ${out.length} (${SIDE}x${SIDE})`);
  }
}

function isUsage(text: string): text is Usage {
  return (USAGES as readonly string[]).includes(text);
}

function shortened(text: string): string {
  return text.length > 20 ? `${text.slice(0, 20)}...` : text;
}
