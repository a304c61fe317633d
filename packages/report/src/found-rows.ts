import { readParquet } from "@fer-bench/artifacts";
import { classificationScores, confusionMatrix, wilsonProportion } from "@fer-bench/metrics";
import { type AccuracyRow, scoresOf } from "./accuracy-table.ts";
import { grouped } from "./format.ts";
import { NO_FACE } from "./read-dataset.ts";
import type { Prediction } from "./read-evaluation.ts";
import type { SearchedFaces } from "./request.ts";

/**
 * The model of a measured row on the test images in which a face was found, and on those in which none was; or, where
 * these were left out, what it comes to with them counted as mistakes. None where a face was found in all.
 */
export async function foundRows(
  row: AccuracyRow,
  { facesFile, dropped }: SearchedFaces,
  predictions: readonly Prediction[],
  classes: readonly string[],
): Promise<AccuracyRow[]> {
  const faces = await readParquet<{ found: string }>(facesFile, ["found"]);
  const isFound = ({ index }: Prediction): boolean => faces[index]?.found !== NO_FACE;
  const withFace = predictions.filter(isFound);
  const without = predictions.filter((prediction) => !isFound(prediction));
  const variant = (method: string, some: readonly Prediction[]): AccuracyRow[] =>
    some.length === 0 ? [] : [{ ...plain(row), method, ...scoresOf(scoresFor(some, classes)) }];
  const rows =
    without.length === 0
      ? []
      : [
          ...variant(`the same on the ${images(withFace.length)} in which a face was found`, withFace),
          ...variant(`the same on the ${images(without.length)} in which none was`, without),
        ];
  if (dropped === 0) return rows;
  const right = predictions.filter(({ label, predicted }) => label === predicted).length;
  const { value, n, low, high } = wilsonProportion(right, predictions.length + dropped);
  const method = `the same, the ${images(dropped)} left out for want of a face counted as mistakes`;
  return [
    ...rows,
    {
      ...plain(row),
      method,
      n,
      accuracy: value,
      low,
      high,
      bootstrap: null,
      balancedAccuracy: null,
      macroF1: null,
    },
  ];
}

function plain(row: AccuracyRow): AccuracyRow {
  return { ...row, own: false, unseen: { exactly: null, nearly: null } };
}

function scoresFor(predictions: readonly Prediction[], classes: readonly string[]) {
  const labels = predictions.map(({ label }) => label);
  const predicted = predictions.map((prediction) => prediction.predicted);
  return classificationScores(confusionMatrix(labels, predicted, classes.length), classes);
}

function images(count: number): string {
  return count === 1 ? "one test image" : `${grouped(count)} test images`;
}
