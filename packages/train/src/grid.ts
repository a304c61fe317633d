import { FerBenchError, parseConfig } from "@fer-bench/artifacts";
import { z } from "zod";
import { type Benchmark, benchmarkSchema } from "./benchmark.ts";

/*
 * A benchmark.json whose `grid` lists values for some of its fields stands for many benchmarks, its cells: one for
 * each combination of the values, all other fields shared. tools/nx-plugin/grid.mjs names the cells the same way.
 */

/** What a grid varies: the backbone, and fields of these. */
const SECTIONS = ["input", "features", "train"];

/** Each cell is three tasks, and a row and a section of the report. */
export const MOST_CELLS = 128;

const valueSchema = z.union([z.string(), z.number(), z.boolean(), z.null()]);

/** Values by dotted field: `{ "train.optimizer.learningRate": [0.01, 0.001] }`. */
export const gridSchema = z.record(z.string(), z.array(valueSchema)).superRefine((grid, context) => {
  const refuse = (message: string, ...path: (string | number)[]) =>
    context.addIssue({ code: "custom", message, path });
  if (Object.keys(grid).length === 0) refuse("a grid varies at least one field");
  for (const [field, values] of Object.entries(grid)) {
    if (!isVariable(field)) refuse(`a grid varies backbone, and fields of ${SECTIONS.join(", ")}`, field);
    if (values.length === 0) refuse("a field that varies has at least one value", field);
    values.forEach((value, i) => {
      if (values.findIndex((other) => String(other) === String(value)) < i) {
        refuse(`${JSON.stringify(value)} is listed twice`, field, i);
      }
      if (typeof value === "string" && !IN_A_NAME.test(value)) {
        refuse("a cell is named by it: only letters, digits, dots and hyphens can stand there", field, i);
      }
    });
  }
  const count = Object.values(grid).reduce((product, { length }) => product * length, 1);
  if (count > MOST_CELLS) refuse(`${count} cells are too many: a grid has at most ${MOST_CELLS}`);
});

/** A name is a folder and part of an Nx project's name, and typed by people. */
const IN_A_NAME = /^[A-Za-z0-9][A-Za-z0-9.-]*$/;

function isVariable(field: string): boolean {
  return field === "backbone" || SECTIONS.some((section) => isInside(section, field));
}

function isInside(section: string, field: string): boolean {
  return field.startsWith(`${section}.`) && /^[A-Za-z]+(\.[A-Za-z0-9]+)+$/.test(field);
}

export type GridValue = z.output<typeof valueSchema>;
export type Grid = z.output<typeof gridSchema>;

/** One combination of a grid's values. */
export interface Combination {
  /** Names it among all that the grid could have: `efficientnet-b0.random`, `learningRate-0.01_hidden-256`. */
  name: string;
  /**
   * The same of those fields alone that features depend on: cells that agree in them share features. These are all
   * but those of `train`; or all, where the backbone itself is trained.
   */
  features: string;
  /** By dotted field. */
  values: Readonly<Record<string, GridValue>>;
}

/**
 * Every combination of a grid's values, the first field varying slowest. A name depends on which fields vary and on
 * the combination's own values, so that one more value renames nothing. `mode` is the `train.mode` that all share.
 */
export function combinations(grid: Grid, mode: unknown): Combination[] {
  const fields = Object.keys(grid);
  const beforeTraining = fields.filter((field) => !isInside("train", field));
  let all: Record<string, GridValue>[] = [{}];
  for (const field of fields) {
    all = all.flatMap((one) => grid[field]!.map((value) => ({ ...one, [field]: value })));
  }
  return all.map((values) => {
    const trainsBackbone = (values["train.mode"] ?? mode) === "finetune";
    const named = (some: readonly string[]) =>
      some.map((field) => partOfName(fields, field, values)).join("_");
    return {
      name: named(fields),
      features: named(trainsBackbone ? fields : beforeTraining) || "shared",
      values,
    };
  });
}

function partOfName(fields: readonly string[], field: string, values: Combination["values"]): string {
  return field === "backbone" ? String(values[field]) : `${fieldLabel(fields, field)}-${values[field]}`;
}

/** A field's last word; all of it where two of the grid's fields end alike (`features.seed`, `train.seed`). */
export function fieldLabel(fields: readonly string[], field: string): string {
  const last = lastWord(field);
  return fields.some((other) => other !== field && lastWord(other) === last) ? field : last;
}

const lastWord = (field: string): string => field.split(".").at(-1)!;

/** One benchmark of a grid. */
export interface GridCell extends Combination {
  benchmark: Benchmark;
}

/** What a benchmark.json asks for: one benchmark, or a grid's cells in their order. */
export type BenchmarkFile =
  | { kind: "single"; benchmark: Benchmark }
  | { kind: "grid"; fields: readonly string[]; cells: readonly [GridCell, ...GridCell[]] };

const fileSchema = benchmarkSchema.extend({ grid: gridSchema.optional() });

/**
 * Checks what stands in a benchmark.json and fills in defaults, for every cell where it is a grid.
 * @throws FerBenchError "bad-config" naming the field: that of the grid, where the value comes from there
 */
export function parseBenchmark(value: unknown, file: string): BenchmarkFile {
  if (!isRecord(value) || value.grid === undefined) {
    return { kind: "single", benchmark: parseConfig(fileSchema, value, file) };
  }
  const { grid: given, ...shared } = value;
  const { grid } = parseConfig(z.object({ grid: gridSchema }), { grid: given }, file);
  for (const field of Object.keys(grid)) {
    if (!isGiven(shared, field.split("."))) continue;
    throw new FerBenchError("bad-config", `${field} is given twice: in the grid and outside`, {
      file,
      field: `grid.${field}`,
      remedy: "take one of them out",
    });
  }
  const mode = isRecord(shared.train) ? shared.train.mode : undefined;
  const cells = combinations(grid, mode).map((one) => ({
    ...one,
    benchmark: benchmarkOf(one, shared, file),
  }));
  return { kind: "grid", fields: Object.keys(grid), cells: cells as [GridCell, ...GridCell[]] };
}

function benchmarkOf(cell: Combination, shared: Record<string, unknown>, file: string): Benchmark {
  let whole = shared;
  for (const [field, value] of Object.entries(cell.values)) whole = withValue(whole, field.split("."), value);
  try {
    return parseConfig(benchmarkSchema, whole, file);
  } catch (error) {
    if (!(error instanceof FerBenchError)) throw error;
    const { code, message, field, remedy } = error;
    const varied = Object.keys(cell.values).find((one) => one === field || one.startsWith(`${field}.`));
    if (varied === undefined) throw error;
    throw new FerBenchError(code, `${message} (cell ${cell.name})`, {
      file,
      field: `grid.${varied}`,
      remedy,
      cause: error,
    });
  }
}

/** Whether a record has a value there, or one on the way that has no fields. */
function isGiven(record: unknown, [key, ...rest]: readonly string[]): boolean {
  if (key === undefined || !isRecord(record)) return true;
  return Object.hasOwn(record, key) && isGiven(record[key], rest);
}

/** A copy with one value more. */
function withValue(
  record: Readonly<Record<string, unknown>>,
  [key, ...rest]: readonly string[],
  value: GridValue,
): Record<string, unknown> {
  const inner = Object.hasOwn(record, key!) ? (record[key!] as Record<string, unknown>) : {};
  return { ...record, [key!]: rest.length === 0 ? value : withValue(inner, rest, value) };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
