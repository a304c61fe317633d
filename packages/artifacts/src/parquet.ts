import { stat } from "node:fs/promises";
import {
  asyncBufferFromFile,
  type FileMetaData,
  parquetMetadataAsync,
  parquetReadObjects,
  parquetSchema,
  type SchemaElement,
  type SchemaTree,
} from "hyparquet";
import { fileWriter, parquetWriteRows } from "hyparquet-writer";
import { FerBenchError } from "./errors.ts";

/** `floats` and `ints` are lists: of 32-bit floats, of 32-bit integers. */
export type ColumnType = "string" | "int32" | "float" | "double" | "boolean" | "floats" | "ints";

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  /** Whether a row may leave it out (undefined or null). */
  readonly nullable?: boolean;
}

export type Row = Record<string, unknown>;

/** Rows held in memory at a time while writing. */
const ROW_GROUP = 16_384;

/**
 * Writes rows as a Parquet file (snappy), a row group at a time, so that memory stays flat however many
 * rows come. Gives the number of rows. A missing value of a column that is not nullable is a TypeError.
 */
export async function writeParquet(
  path: string,
  columns: readonly Column[],
  rows: Iterable<Row> | AsyncIterable<Row>,
): Promise<number> {
  let count = 0;
  async function* checked(): AsyncGenerator<Row> {
    for await (const row of rows) {
      yield toParquetRow(row, columns, count);
      count++;
    }
  }
  await parquetWriteRows({
    writer: fileWriter(path),
    rows: checked(),
    columns: columns.map(({ name }) => ({ name })),
    schema: [{ name: "root", num_children: columns.length }, ...columns.flatMap(schemaOf)],
    rowGroupSize: ROW_GROUP,
    createdBy: "fer-bench",
  });
  return count;
}

/**
 * Reads a Parquet file's rows, all columns or the named ones. Lists come as plain arrays; what a row
 * leaves out is no key of it. Errors: `bad-artifact` naming the file.
 */
export async function readParquet<T = Row>(path: string, columns?: readonly string[]): Promise<T[]> {
  const size = await stat(path).then(
    (s) => s.size,
    () => undefined,
  );
  if (size === undefined) throw badParquet(path, "it is not there");
  try {
    const file = await asyncBufferFromFile(path);
    const metadata = await parquetMetadataAsync(file);
    checkColumns(metadata);
    const rows = await parquetReadObjects({ file, metadata, ...(columns && { columns: [...columns] }) });
    return rows.map((row) => {
      for (const key in row) if ((row[key] ?? null) === null) delete row[key];
      return row as T;
    });
  } catch (cause) {
    throw badParquet(path, cause instanceof Error ? cause.message : String(cause), cause);
  }
}

/**
 * The library reads every column that a row group has, and waits for those that the schema has: what went wrong with
 * another one would end the process.
 */
function checkColumns(metadata: FileMetaData): void {
  const leaves = new Set(leavesOf(parquetSchema(metadata)));
  for (const { columns } of metadata.row_groups) {
    const paths = columns.map(({ meta_data }) => (meta_data?.path_in_schema ?? []).join("."));
    if (new Set(paths).size < paths.length) throw new Error("a row group has a column twice");
    if (!paths.every((path) => leaves.has(path))) {
      throw new Error("a row group has a column that the schema does not have");
    }
  }
}

function leavesOf({ path, children }: SchemaTree): string[] {
  return children.length === 0 ? [path.join(".")] : children.flatMap(leavesOf);
}

/** The columns of a file that `writeParquet` wrote. Errors: `bad-artifact` naming the file. */
export async function readParquetColumns(path: string): Promise<Column[]> {
  const { schema } = await asyncBufferFromFile(path)
    .then((file) => parquetMetadataAsync(file))
    .catch((cause: unknown) => {
      throw badParquet(path, cause instanceof Error ? cause.message : String(cause), cause);
    });
  const columns: Column[] = [];
  for (let at = 1; at < schema.length; at++) {
    const { name, type, num_children = 0, repetition_type } = schema[at]!;
    // A list is three elements: itself, its repetition, its values.
    const values = num_children > 0 ? schema[at + 2] : undefined;
    const found = TYPES.find(
      ([physical, list]) => physical === (values ?? { type }).type && list === (values !== undefined),
    );
    if (found === undefined) throw badParquet(path, `its column ${name} is of another kind`);
    columns.push({ name, type: found[2], ...(repetition_type === "OPTIONAL" && { nullable: true }) });
    if (values !== undefined) at += 2;
  }
  return columns;
}

/** Types of a file, alone or in a list, and ours. */
const TYPES: readonly (readonly [string, boolean, ColumnType])[] = [
  ["BYTE_ARRAY", false, "string"],
  ["INT32", false, "int32"],
  ["FLOAT", false, "float"],
  ["DOUBLE", false, "double"],
  ["BOOLEAN", false, "boolean"],
  ["FLOAT", true, "floats"],
  ["INT32", true, "ints"],
];

function badParquet(path: string, why: string, cause?: unknown): FerBenchError {
  return new FerBenchError("bad-artifact", `the table cannot be read: ${why}`, {
    file: path,
    remedy: "delete the stage's folder and run the stage again",
    cause,
  });
}

function toParquetRow(row: Row, columns: readonly Column[], index: number): Row {
  const out: Row = {};
  for (const { name, type, nullable } of columns) {
    const value = row[name] ?? null;
    if (value === null && !nullable) throw new TypeError(`row ${index} has no ${name}`);
    out[name] = ArrayBuffer.isView(value) && type !== "string" ? Array.from(value as Float32Array) : value;
  }
  return out;
}

function schemaOf({ name, type, nullable }: Column): SchemaElement[] {
  const repetition_type = nullable ? "OPTIONAL" : "REQUIRED";
  switch (type) {
    case "string":
      return [{ name, type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type }];
    case "int32":
      return [{ name, type: "INT32", repetition_type }];
    case "float":
      return [{ name, type: "FLOAT", repetition_type }];
    case "double":
      return [{ name, type: "DOUBLE", repetition_type }];
    case "boolean":
      return [{ name, type: "BOOLEAN", repetition_type }];
    case "floats":
    case "ints":
      return [
        { name, converted_type: "LIST", num_children: 1, repetition_type },
        { name: "list", num_children: 1, repetition_type: "REPEATED" },
        { name: "element", type: type === "floats" ? "FLOAT" : "INT32", repetition_type: "REQUIRED" },
      ];
  }
}
