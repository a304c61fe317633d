import { join } from "node:path";

/** A stage of the small workspace that faults are injected into. */
export interface StageUnderTest {
  /** What `--stage` and the table call it. */
  readonly name: string;
  /** Its stage's word, as artifact.json has it. */
  readonly stage: string;
  /** Data set or benchmark. */
  readonly of: string;
  /** The folder of its artifact, in the workspace. */
  readonly output: string;
  /** The artifacts that stand before it, in the order in which they are made. */
  readonly before: readonly string[];
}

export const DATA_SET = "tiny";
/** A small network frozen, with a head trained on its features. */
export const FROZEN = "frozen";
/** The same network, fine-tuned. */
export const TUNED = "tuned";

const ofDataSet = (stage: string) => join("artifacts", "datasets", DATA_SET, stage);
const dataSetStages = chain(["generate", "prepare", "preprocess"], DATA_SET, ofDataSet, []);
const prepared = dataSetStages.map(({ output }) => output);
const benchmarkStages = (name: string, stages: readonly string[]) =>
  chain(stages, name, (stage) => join("artifacts", "benchmarks", name, stage), prepared);

/** Every stage, in an order in which they can run. */
export const STAGES: readonly StageUnderTest[] = [
  ...dataSetStages,
  { name: "describe", stage: "describe", of: DATA_SET, output: ofDataSet("describe"), before: prepared },
  ...benchmarkStages(FROZEN, ["features", "train", "evaluate", "export", "report"]),
  ...benchmarkStages(TUNED, ["train", "features"]).map((stage) => ({
    ...stage,
    name: `${stage.stage}, fine-tuned`,
  })),
];

function chain(
  stages: readonly string[],
  of: string,
  outputOf: (stage: string) => string,
  first: readonly string[],
): StageUnderTest[] {
  return stages.map((stage, i) => ({
    name: stage,
    stage,
    of,
    output: outputOf(stage),
    before: [...first, ...stages.slice(0, i).map(outputOf)],
  }));
}

const classes = ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"];
const perClass = (count: number) => Object.fromEntries(classes.map((label) => [label, count]));
const report = { tsne: { points: 7, perplexity: 2 }, umap: { points: 7, neighbours: 3 } };
const people = { train: 2, validation: 1, test: 1 };

/** The configuration of the small workspace, by file. */
export const CONFIGURATION: Readonly<Record<string, unknown>> = {
  "datasets.manifest.json": {
    datasets: {
      [DATA_SET]: {
        package: "@fer-bench/dataset-synthetic",
        title: "A few portraits",
        licence: { name: "MIT", redistributable: true },
        citation: "Rendered.",
        source: { howToGet: "Rendered by its generate stage." },
        generated: true,
        classes,
        channels: 1,
        options: { size: 48, identities: people },
        face: { kind: "box" },
        expected: {
          counts: Object.fromEntries(Object.entries(people).map(([split, n]) => [split, perClass(n)])),
        },
      },
    },
  },
  [join("benchmarks", FROZEN, "benchmark.json")]: {
    title: "Frozen",
    source: DATA_SET,
    targets: [DATA_SET],
    backbone: "efficientnetv2-48.fer2013",
    train: { head: { hidden: 8 }, epochs: 20 },
    report,
  },
  [join("benchmarks", TUNED, "benchmark.json")]: {
    title: "Fine-tuned",
    source: DATA_SET,
    targets: [DATA_SET],
    backbone: "efficientnetv2-48.fer2013",
    train: {
      mode: "finetune",
      epochs: 3,
      batchSize: 7,
      checkpoints: { everySteps: 1, everyMinutes: null },
    },
    report,
  },
};
