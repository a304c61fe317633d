import { createRandom, FerBenchError, stableStringify } from "@fer-bench/artifacts";
import {
  evaluatePredictions,
  type McNemarTest,
  type Metrics,
  mcnemarTest,
  type PairedBootstrap,
  pairedBootstrap,
} from "@fer-bench/metrics";
import { type Prediction, readMetrics, readPredictions } from "./read-evaluation.ts";

/** A finished run, and what is known of how it came about. */
export interface ComparedRun {
  /** As the user is shown it. */
  name: string;
  /** The folder with its `metrics.json` and `<set>.predictions.parquet`. */
  dir: string;
  /** What may differ: configuration, data, code, machine; any JSON. */
  facts: Readonly<Record<string, unknown>>;
}

/** What two runs came to on the samples that both were tested on. */
export interface Comparison {
  first: string;
  second: string;
  targets: TargetComparison[];
  /** Fields of the facts that differ, by their paths. */
  differences: { field: string; first: unknown; second: unknown }[];
}

export interface TargetComparison {
  target: string;
  split: string;
  /** Samples that both were tested on; all numbers are of these. */
  n: number;
  /** Samples that one alone was tested on. */
  onlyInFirst: number;
  onlyInSecond: number;
  metrics: { metric: ComparedMetric; first: number; second: number; difference: number }[];
  mcnemar: McNemarTest;
  bootstrap: { metric: "accuracy" | "balancedAccuracy"; difference: PairedBootstrap }[];
  classes: ClassComparison[];
  flipped: Flip[];
}

export interface ClassComparison {
  class: string;
  support: number;
  recall: { first: number; second: number; difference: number };
  precision: { first: number; second: number; difference: number };
}

/** A sample that the two took for different classes. */
export interface Flip {
  id: string;
  label: string;
  first: { predicted: string; confidence: number };
  second: { predicted: string; confidence: number };
  /** Who was right. */
  right: "first" | "second" | "neither";
}

const COMPARED_METRICS = [
  "balancedAccuracy",
  "macroF1",
  "weightedF1",
  "cohenKappa",
  "matthewsCorrelation",
  "logLoss",
  "brierScore",
] as const;
export type ComparedMetric = "accuracy" | "expectedCalibrationError" | (typeof COMPARED_METRICS)[number];

/**
 * Compares a run with each of the others on every target that both have: metrics, McNemar's test and a paired
 * bootstrap (of whole subjects where everybody is known), classes, samples that flipped, and what was different about
 * them. The same runs give the same numbers.
 *
 * @throws FerBenchError "bad-data" where two have no target or sample in common, or disagree about labels or classes
 */
export async function compareRuns(first: ComparedRun, others: readonly ComparedRun[]): Promise<Comparison[]> {
  const ours = openRun(first);
  const comparisons: Comparison[] = [];
  for (const other of others) comparisons.push(await compareTwo(ours, openRun(other)));
  return comparisons;
}

/** A run whose files are read once, when they are asked for. */
interface OpenRun extends ComparedRun {
  metrics(): ReturnType<typeof readMetrics>;
  predictions(target: string, classes: readonly string[]): Promise<Prediction[]>;
}

function openRun(run: ComparedRun): OpenRun {
  let metrics: ReturnType<typeof readMetrics> | undefined;
  const predictions = new Map<string, Promise<Prediction[]>>();
  return {
    ...run,
    metrics() {
      metrics ??= readMetrics(run.dir);
      return metrics;
    },
    predictions(target, classes) {
      const read = predictions.get(target) ?? readPredictions(run.dir, target, classes);
      predictions.set(target, read);
      return read;
    },
  };
}

async function compareTwo(first: OpenRun, second: OpenRun): Promise<Comparison> {
  const [ours, theirs] = await Promise.all([first.metrics(), second.metrics()]);
  const targets: TargetComparison[] = [];
  for (const { target, split, metrics } of ours.targets) {
    const other = theirs.targets.find((one) => one.target === target && one.split === split);
    if (other === undefined) continue;
    if (other.metrics.classes.join("\n") !== metrics.classes.join("\n")) {
      throw incomparable(`${first.name} and ${second.name} have other classes on ${target}`, second.dir);
    }
    const { classes } = metrics;
    const pairs = pairsOf(
      await first.predictions(target, classes),
      await second.predictions(target, classes),
      `${first.name} and ${second.name} on ${target}`,
      second.dir,
    );
    targets.push({ target, split, ...compareTarget(pairs, classes) });
  }
  if (targets.length === 0) {
    throw incomparable(`${first.name} and ${second.name} were tested on no data set in common`, second.dir);
  }
  return {
    first: first.name,
    second: second.name,
    targets,
    differences: differencesOf(first.facts, second.facts),
  };
}

interface Pairs {
  first: Prediction[];
  /** The same samples in the same order. */
  second: Prediction[];
  onlyInFirst: number;
  onlyInSecond: number;
}

function pairsOf(
  ours: readonly Prediction[],
  theirs: readonly Prediction[],
  what: string,
  file: string,
): Pairs {
  const byId = new Map(theirs.map((prediction) => [prediction.id, prediction]));
  const first = ours.filter(({ id }) => byId.has(id));
  const second = first.map(({ id }) => byId.get(id)!);
  if (first.length === 0) throw incomparable(`${what} have no sample in common`, file);
  const odd = first.find(({ label }, i) => second[i]!.label !== label);
  if (odd !== undefined) throw incomparable(`${what} disagree about the label of ${odd.id}`, file);
  return {
    first,
    second,
    onlyInFirst: ours.length - first.length,
    onlyInSecond: theirs.length - first.length,
  };
}

function compareTarget(
  { first, second, onlyInFirst, onlyInSecond }: Pairs,
  classes: readonly string[],
): Omit<TargetComparison, "target" | "split"> {
  const labels = Int32Array.from(first, ({ label }) => label);
  const [before, after] = [metricsOf(first, classes), metricsOf(second, classes)];
  const isRight = (predictions: readonly Prediction[]) =>
    predictions.map(({ label, predicted }) => label === predicted);
  const [firstRight, secondRight] = [isRight(first), isRight(second)];
  const count = first.length;
  const subjects = first.flatMap(({ subject }) => subject ?? []);
  const groups = subjects.length === count ? subjects : undefined;
  const bootstrap = (
    metric: "accuracy" | "balancedAccuracy",
    of: (right: readonly boolean[]) => (indices: Int32Array) => number,
  ) => ({
    metric,
    difference: pairedBootstrap({
      count,
      first: of(firstRight),
      second: of(secondRight),
      groups,
      random: createRandom("paired bootstrap", metric),
    }),
  });
  return {
    n: count,
    onlyInFirst,
    onlyInSecond,
    metrics: comparedMetrics(before, after),
    mcnemar: mcnemarTest(
      firstRight.filter((right, i) => right && !secondRight[i]).length,
      secondRight.filter((right, i) => right && !firstRight[i]).length,
    ),
    bootstrap: [
      bootstrap("accuracy", accuracyOf),
      bootstrap("balancedAccuracy", (right) => balancedAccuracyOf(right, labels, classes.length)),
    ],
    classes: classes.map((name, c) => ({
      class: name,
      support: before.perClass[c]!.support,
      recall: change(before.perClass[c]!.recall, after.perClass[c]!.recall),
      precision: change(before.perClass[c]!.precision, after.perClass[c]!.precision),
    })),
    flipped: first.flatMap((one, i): Flip[] => {
      const other = second[i]!;
      if (one.predicted === other.predicted) return [];
      const taken = ({ predicted, confidence }: Prediction) => ({
        predicted: classes[predicted]!,
        confidence,
      });
      return [
        {
          id: one.id,
          label: classes[one.label]!,
          first: taken(one),
          second: taken(other),
          right: firstRight[i] ? "first" : secondRight[i] ? "second" : "neither",
        },
      ];
    }),
  };
}

function metricsOf(predictions: readonly Prediction[], classes: readonly string[]): Metrics {
  return evaluatePredictions({
    labels: Int32Array.from(predictions, ({ label }) => label),
    probabilities: Float64Array.from(predictions.flatMap(({ probabilities }) => probabilities)),
    classes,
  });
}

function comparedMetrics(before: Metrics, after: Metrics): TargetComparison["metrics"] {
  return [
    { metric: "accuracy", ...change(before.accuracy.value, after.accuracy.value) },
    ...COMPARED_METRICS.map((metric) => ({ metric, ...change(before[metric], after[metric]) })),
    {
      metric: "expectedCalibrationError",
      ...change(before.calibration.expectedError, after.calibration.expectedError),
    },
  ];
}

function change(first: number, second: number) {
  return { first, second, difference: second - first };
}

function accuracyOf(right: readonly boolean[]) {
  return (indices: Int32Array) => {
    let hits = 0;
    for (const i of indices) if (right[i]) hits++;
    return hits / indices.length;
  };
}

/** Mean recall of the classes that were drawn. */
function balancedAccuracyOf(right: readonly boolean[], labels: Int32Array, classCount: number) {
  return (indices: Int32Array) => {
    const hits = new Float64Array(classCount);
    const support = new Float64Array(classCount);
    for (const i of indices) {
      support[labels[i]!]!++;
      if (right[i]) hits[labels[i]!]!++;
    }
    const recalls = hits.map((count, c) => count / support[c]!).filter((recall) => !Number.isNaN(recall));
    return recalls.reduce((a, b) => a + b, 0) / recalls.length;
  };
}

/** The fields in which two JSON values differ, by their paths, in alphabetical order. */
function differencesOf(first: unknown, second: unknown): Comparison["differences"] {
  const [ours, theirs] = [leavesOf(first), leavesOf(second)];
  return [...new Set([...ours.keys(), ...theirs.keys()])]
    .filter((field) => stableStringify(ours.get(field)) !== stableStringify(theirs.get(field)))
    .sort()
    .map((field) => ({ field, first: ours.get(field) ?? null, second: theirs.get(field) ?? null }));
}

function leavesOf(value: unknown, path = ""): Map<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return new Map([[path, value]]);
  return new Map(
    Object.entries(value).flatMap(([key, inner]) => [
      ...leavesOf(inner, path === "" ? key : `${path}.${key}`),
    ]),
  );
}

function incomparable(message: string, file: string): FerBenchError {
  return new FerBenchError("bad-data", message, {
    file,
    remedy: "compare runs that were tested on the same data set",
  });
}
