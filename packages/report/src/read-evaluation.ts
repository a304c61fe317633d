import { join } from "node:path";
import { FerBenchError, openNpy, parseConfig, readJson, readParquet } from "@fer-bench/artifacts";
import type { EvaluationMetrics } from "@fer-bench/metrics";
import { z } from "zod";
import type { Matrix } from "./matrix.ts";

const count = z.int().nonnegative();
const share = z.number().min(0).max(1);

const intervalSchema = z.object({
  value: share,
  low: share,
  high: share,
  confidence: z.literal(0.95),
  method: z.literal("bootstrap"),
  resamples: count,
  groups: count.nullable(),
});

const scoresSchema = z.object({
  n: count,
  classes: z.array(z.string()).min(2),
  confusion: z.array(z.array(count)),
  accuracy: z.object({
    value: share,
    successes: count,
    n: count,
    low: share,
    high: share,
    confidence: z.literal(0.95),
    method: z.literal("wilson"),
  }),
  balancedAccuracy: share,
  macroPrecision: share,
  macroRecall: share,
  macroF1: share,
  weightedPrecision: share,
  weightedF1: share,
  cohenKappa: z.number(),
  matthewsCorrelation: z.number(),
  perClass: z.array(
    z.object({
      class: z.string(),
      support: count,
      predicted: count,
      precision: share,
      recall: share,
      f1: share,
    }),
  ),
  bootstrap: z
    .object({ accuracy: intervalSchema, balancedAccuracy: intervalSchema, macroF1: intervalSchema })
    .optional(),
});

const unseenSchema = z.object({ removed: count, scores: scoresSchema.nullable() });

const binSchema = z.object({ low: share, high: share, n: count, accuracy: share, confidence: z.number() });

const probabilityScoresSchema = scoresSchema.extend({
  logLoss: z.number(),
  brierScore: z.number(),
  calibration: z.object({ expectedError: share, largestError: share, bins: z.array(binSchema) }),
  ranking: z.array(
    z.object({ class: z.string(), rocAuc: share.nullable(), averagePrecision: share.nullable() }),
  ),
});

const metricsSchema = z.object({
  targets: z
    .array(
      z.object({
        target: z.string(),
        split: z.string(),
        metrics: probabilityScoresSchema,
        majority: z.object({ class: z.string(), scores: scoresSchema }),
        averaged: z.array(z.object({ views: z.string(), metrics: probabilityScoresSchema })).optional(),
        unseen: z.object({ exactly: unseenSchema, nearly: unseenSchema.optional() }).optional(),
      }),
    )
    .min(1),
});

/** The `metrics.json` of an evaluate stage. */
export async function readMetrics(dir: string): Promise<EvaluationMetrics> {
  const file = join(dir, "metrics.json");
  return parseConfig<EvaluationMetrics>(metricsSchema, await readJson(file), file);
}

/** One test sample and what the model took it for. */
export interface Prediction {
  id: string;
  /** Its row in the data set's faces.npy. */
  index: number;
  label: number;
  predicted: number;
  /** Probability of the predicted class. */
  confidence: number;
  /** Of each class. */
  probabilities: readonly number[];
  /** Who is to be seen, where the data set says so. */
  subject?: string;
}

/**
 * The predictions of one target, in test order, with classes as numbers.
 * @throws FerBenchError "bad-artifact" where a class is not of the list
 */
export async function readPredictions(
  dir: string,
  target: string,
  classes: readonly string[],
): Promise<Prediction[]> {
  const file = join(dir, `${target}.predictions.parquet`);
  const rows = await readParquet<Record<string, unknown>>(file);
  return rows.map((row, i) => {
    const label = classes.indexOf(String(row.label));
    const predicted = classes.indexOf(String(row.predicted));
    if (label < 0 || predicted < 0) {
      throw new FerBenchError("bad-artifact", `"${row[label < 0 ? "label" : "predicted"]}" is not a class`, {
        file,
        field: `row ${i}`,
        remedy: "run the evaluate stage again",
      });
    }
    const probabilities = classes.map((name) => Number(row[`p_${name}`]));
    return {
      id: String(row.id),
      index: Number(row.index),
      label,
      predicted,
      confidence: probabilities[predicted]!,
      probabilities,
      ...(row.subject !== undefined && { subject: String(row.subject) }),
    };
  });
}

/** Length of a feature vector in a target's test features. */
export async function readFeatureWidth(dir: string, target: string): Promise<number> {
  const array = await openNpy(join(dir, `${target}.test-features.npy`));
  try {
    return array.shape[1] ?? 0;
  } finally {
    await array.close();
  }
}

const ROWS_AT_A_TIME = 1024;

/**
 * The named rows (ascending) of a target's test features, as float64, without holding the others.
 * @throws FerBenchError "bad-artifact" where the array has not `total` rows, or a value is not finite
 */
export async function readFeatures(
  dir: string,
  target: string,
  total: number,
  indices: Uint32Array,
): Promise<Matrix<Float64Array>> {
  const file = join(dir, `${target}.test-features.npy`);
  const array = await openNpy(file);
  try {
    const [rows = 0, columns = 0] = array.shape;
    if (rows !== total || array.shape.length !== 2) {
      throw badFeatures(file, `its shape is [${array.shape}], but there are ${total} predictions`);
    }
    const data = new Float64Array(indices.length * columns);
    for (let next = 0; next < indices.length; ) {
      const start = indices[next]!;
      const chunk = await array.readRows(start, Math.min(ROWS_AT_A_TIME, rows - start));
      for (; next < indices.length && indices[next]! < start + ROWS_AT_A_TIME; next++) {
        const from = (indices[next]! - start) * columns;
        data.set(chunk.subarray(from, from + columns), next * columns);
      }
    }
    if (!data.every(Number.isFinite)) throw badFeatures(file, "it holds values that are not finite");
    return { rows: indices.length, columns, data };
  } finally {
    await array.close();
  }
}

function badFeatures(file: string, why: string): FerBenchError {
  return new FerBenchError("bad-artifact", `test features cannot be used: ${why}`, {
    file,
    remedy: "run the evaluate stage again",
  });
}
