import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  type Artifact,
  FerBenchError,
  type Progress,
  runStage,
  type StageRequest,
} from "@fer-bench/artifacts";
import {
  CLASSIFIER_OPSET,
  type Classifier,
  interfaceOf,
  joinClassifier,
  lowerClassifier,
  type OnnxPort,
  readModel,
  writeClassifier,
} from "@fer-bench/models";
import type { Benchmark } from "../benchmark.ts";
import { CHECKPOINT_FILE, headModel, readHeadOf } from "../checkpoint.ts";
import { BACKBONE_FILE, type Features, readFeaturesJson } from "../features-artifact.ts";
import { describeClassifier } from "./describe-classifier.ts";
import type { ExportFormat } from "./formats.ts";
import { modelCard } from "./model-card.ts";
import { type Agreement, checkReference, compareWithReference, readReferenceFaces } from "./verify-export.ts";

export interface ExportStageRequest {
  benchmark: Benchmark;
  /** The benchmark's own name, its folder's; the files are called after it, a cell's `<benchmark>-<cell>`. */
  name: string;
  /** The finished stages of the source and of every target, by data set. */
  datasets: Readonly<Record<string, { prepareDir: string; preprocessDir: string }>>;
  /** The benchmark's finished stages. */
  featuresDir: string;
  trainDir: string;
  evaluateDir: string;
  /** The folder of the finished artifact. */
  out: string;
  formats: readonly ExportFormat[];
  /** Kernels in 16 bits. */
  half: boolean;
  progress: Progress;
}

/** `export.json`: what was written, and how it was checked. */
export interface ExportSummary {
  benchmark: string;
  half: boolean;
  classes: readonly string[];
  input: OnnxPort;
  output: OnnxPort;
  files: ExportedFile[];
  /**
   * The test faces on which each file was run and compared with the evaluate stage's probabilities, and how far
   * rounding alone moves these, of the largest.
   */
  verifiedOn: { dataset: string; faces: number; rounding: number };
}

export interface ExportedFile extends Agreement {
  path: string;
  format: ExportFormat;
  /** Of the ONNX file. */
  opset?: number;
}

export const EXPORT_FILE = "export.json";

/** Test faces on which the files are run. */
const REFERENCE_FACES = 64;

/** How far a file's probabilities may be from the evaluation's, of the largest; 16 bits round every kernel by 5e-4. */
const LARGEST_DIFFERENCE = { single: 1e-4, half: 0.1 };

/** How many times what rounding alone does: other runs of the same network were up to twice as far. */
const ROUNDINGS = 10;

/** Above this, rounding decides answers: a reader must know. */
const UNSTEADY = 1e-2;

/**
 * Writes the finished classifier, backbone and head in one, as files of their own: `<name>.onnx`, `<name>.safetensors`,
 * `<name>.md` (what goes in, what comes out, where it comes from) and `export.json`. Each is then run as its users will
 * run it, and compared with what the evaluate stage said of the same test faces.
 */
export async function runExportStage(request: ExportStageRequest): Promise<Artifact> {
  const { name, formats, half, progress } = request;
  const { source, targets } = request.benchmark;
  const target = targets.includes(source) ? source : targets[0]!;
  const fileName = name.replaceAll("/", "-");
  return runStage(stageOf(request, target), async (dir, { inputs }) => {
    const stages = inputs as Inputs;
    const features = await readFeaturesJson(stages.features);
    const classifier = await joinStages(request.benchmark, features, stages);
    const reference = await readReferenceFaces({
      facesFile: stages.faces.path("faces.npy"),
      predictionsFile: stages.evaluate.path(`${target}.predictions.parquet`),
      classes: classifier.classes,
      input: features.input,
      limit: REFERENCE_FACES,
    });
    const rounding = await checkReference(classifier, reference, features.batchSize);
    if (rounding > UNSTEADY) {
      progress.note(
        `${name}: ${shift(rounding)} by rounding alone, so every runtime answers otherwise`,
        "warning",
      );
    }
    const task = progress.start(`export ${name}`, formats.length, "files");
    const files: ExportedFile[] = [];
    for (const format of formats) {
      const path = `${fileName}.${format}`;
      const file = join(dir, path);
      await WRITERS[format](file, classifier, half);
      const agreement = await compareWithReference(format, file, reference, classifier);
      checkAgreement(path, agreement, rounding, half);
      files.push({ path, format, ...(format === "onnx" && { opset: CLASSIFIER_OPSET }), ...agreement });
      task.update(files.length);
    }
    task.end();
    const summary: ExportSummary = {
      benchmark: name,
      half,
      classes: classifier.classes,
      ...interfaceOf(classifier),
      files,
      verifiedOn: { dataset: target, faces: reference.count, rounding },
    };
    await writeFile(join(dir, EXPORT_FILE), `${JSON.stringify(summary, undefined, 2)}\n`);
    await writeFile(join(dir, `${fileName}.md`), modelCard(classifier, summary));
  });
}

function stageOf(request: ExportStageRequest, target: string): StageRequest {
  const { benchmark, name, featuresDir, trainDir, evaluateDir, out, formats, half } = request;
  const { title, source } = benchmark;
  const dirsOf = (dataset: string) => {
    const dirs = request.datasets[dataset];
    if (dirs !== undefined) return dirs;
    throw new FerBenchError("missing", `benchmark ${name} needs the data set ${dataset}`, {
      remedy: `prepare and preprocess ${dataset} first`,
    });
  };
  return {
    stage: "export",
    dir: out,
    config: { benchmark: name, title, source, target, formats, half },
    inputs: {
      features: { dir: featuresDir, stage: "features" },
      train: { dir: trainDir, stage: "train" },
      evaluate: { dir: evaluateDir, stage: "evaluate" },
      prepare: { dir: dirsOf(source).prepareDir, stage: "prepare" },
      preprocess: { dir: dirsOf(source).preprocessDir, stage: "preprocess" },
      faces: { dir: dirsOf(target).preprocessDir, stage: "preprocess" },
    },
    threads: 1,
    engine: "onnxruntime-node",
    device: "cpu",
    libraries: { names: ["onnxruntime-node"], from: import.meta.url },
  };
}

async function joinStages(benchmark: Benchmark, features: Features, stages: Inputs): Promise<Classifier> {
  const checkpoint = await readHeadOf(features, stages.train.path(CHECKPOINT_FILE));
  return joinClassifier({
    backbone: await readModel(stages.features.path(BACKBONE_FILE)),
    head: headModel(checkpoint),
    classes: checkpoint.classes,
    card: await describeClassifier({ ...stages, benchmark, summary: features, checkpoint }),
  });
}

type Inputs = Record<"features" | "train" | "evaluate" | "prepare" | "preprocess" | "faces", Artifact>;

const WRITERS: Record<ExportFormat, (file: string, classifier: Classifier, half: boolean) => Promise<void>> =
  {
    onnx: (file, classifier, half) => writeFile(file, lowerClassifier(classifier, { half })),
    safetensors: (file, classifier, half) => writeClassifier(file, classifier, { half }),
  };

function checkAgreement(
  file: string,
  { largestDifference }: Agreement,
  rounding: number,
  half: boolean,
): void {
  const allowed = Math.max(LARGEST_DIFFERENCE[half ? "half" : "single"], ROUNDINGS * rounding);
  if (largestDifference <= allowed) return;
  throw new FerBenchError(
    half ? "bad-config" : "internal",
    `${file} is not what was evaluated: ${shift(largestDifference)}, more than ${allowed.toExponential(1)}`,
    {
      field: half ? "--half" : undefined,
      remedy: half
        ? "export in full precision: this network does not bear 16 bits"
        : "report this with the benchmark's name: the file is not written",
    },
  );
}

function shift(difference: number): string {
  return `probabilities move by ${difference.toExponential(1)} of the largest`;
}
