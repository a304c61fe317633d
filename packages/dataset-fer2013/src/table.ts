import { readFile } from "node:fs/promises";
import { endianness } from "node:os";
import { FerBenchError } from "@fer-bench/artifacts";
import { CLASSES, USAGES, type Usage } from "./facts.ts";
import { emptyFingerprints, type Fingerprints, PROJECTIONS } from "./fingerprints.ts";

/** The data set's rows: what is known of each image without its pixels. */
export interface RowTable {
  readonly count: number;
  /** [N]: index of CLASSES. */
  readonly label: Uint8Array;
  /** [N]: index of USAGES. */
  readonly usage: Uint8Array;
  readonly prints: Fingerprints;
}

const MAGIC = Buffer.from("FER2013 rows v1\n", "latin1");
const HEADER = MAGIC.length + 8;
const COLUMNS = ["checksum", "hash", "projection", "mean", "deviation", "detail"] as const;

export function emptyTable(count: number): RowTable {
  return {
    count,
    label: new Uint8Array(count),
    usage: new Uint8Array(count),
    prints: emptyFingerprints(count),
  };
}

function columnsOf({ prints, label, usage }: RowTable) {
  return [...COLUMNS.map((name) => prints[name]), label, usage];
}

const BYTES_PER_ROW = columnsOf(emptyTable(1)).reduce((sum, column) => sum + column.byteLength, 0);

/** Magic line, rows and projections as uint32, then the columns one after another, little-endian. */
export function encodeTable(table: RowTable): Buffer {
  requireLittleEndian();
  const header = Buffer.alloc(HEADER);
  MAGIC.copy(header);
  header.writeUInt32LE(table.count, MAGIC.length);
  header.writeUInt32LE(PROJECTIONS, MAGIC.length + 4);
  return Buffer.concat([header, ...columnsOf(table).map(bytesOf)]);
}

/** Throws a FerBenchError for what encodeTable did not write. */
export function decodeTable(bytes: Buffer, file: string): RowTable {
  requireLittleEndian();
  const count = bytes.length >= HEADER ? bytes.readUInt32LE(MAGIC.length) : 0;
  const known = bytes.subarray(0, MAGIC.length).equals(MAGIC) && bytes[MAGIC.length + 4] === PROJECTIONS;
  // Before there is memory for as many rows as the file claims.
  if (!known || bytes.length !== HEADER + count * BYTES_PER_ROW) {
    throw new FerBenchError("bad-data", "this is no table of FER-2013's rows", {
      file,
      remedy: "Install the package again.",
    });
  }
  const table = emptyTable(count);
  let at = HEADER;
  for (const column of columnsOf(table)) {
    bytesOf(column).set(bytes.subarray(at, at + column.byteLength));
    at += column.byteLength;
  }
  return table;
}

function bytesOf(column: { buffer: ArrayBufferLike; byteOffset: number; byteLength: number }): Uint8Array {
  return new Uint8Array(column.buffer, column.byteOffset, column.byteLength);
}

function requireLittleEndian(): void {
  if (endianness() !== "LE") {
    throw new FerBenchError("unavailable", "this needs a little-endian machine", {
      remedy: "import FER-2013 on another machine, and copy data/raw/fer2013",
    });
  }
}

let loaded: Promise<RowTable> | undefined;

/** The table of FER-2013's 35,887 rows that comes with the package. */
export function fer2013Table(): Promise<RowTable> {
  const path = new URL("../fingerprints.bin", import.meta.url);
  loaded ??= readFile(path).then((bytes) => decodeTable(bytes, path.pathname));
  return loaded;
}

/** Rows per usage and class: counts[usage][class]. */
export function countRows(table: RowTable, keep: (row: number) => boolean = () => true): number[][] {
  const counts = USAGES.map(() => CLASSES.map(() => 0));
  for (let row = 0; row < table.count; row++) {
    if (keep(row)) counts[table.usage[row]!]![table.label[row]!]!++;
  }
  return counts;
}

export function usageOf(table: RowTable, row: number): Usage {
  return USAGES[table.usage[row]!]!;
}
