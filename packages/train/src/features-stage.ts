import { join } from "node:path";
import { type Artifact, FerBenchError, type Progress, runStage } from "@fer-bench/artifacts";
import {
  type BackboneEntry,
  checkWeights,
  countFlops,
  countParameters,
  createFeatureExtractor,
  findBackbone,
  findRuntime,
  type Graph,
  type PictureShape,
  readModel,
  type Weights,
  type WeightsFile,
  weightsStores,
  writeModel,
} from "@fer-bench/models";
import type { Benchmark } from "./benchmark.ts";
import { calibrateBackbone } from "./calibration.ts";
import { readClasses } from "./dataset-classes.ts";
import { extractFeatures } from "./extract-features.ts";
import { type Faces, openFaces } from "./faces.ts";
import {
  BACKBONE_FILE,
  type Features,
  featuresFile,
  samplesFile,
  viewsFile,
  writeFeaturesJson,
} from "./features-artifact.ts";
import { readFaceSamples, rowsOfSplit, type Sample, selectSplit, writeSamples } from "./samples.ts";
import { viewedFaces, viewsOf } from "./test-views.ts";

export interface FeaturesStageRequest {
  benchmark: Benchmark;
  /** The benchmark's own name, its folder's. */
  name: string;
  /** The finished stages of the source and of every target, by data set. */
  datasets: Readonly<Record<string, { prepareDir: string; preprocessDir: string }>>;
  /** The file of the backbone's weights; absent where it is the published one, or needs none. */
  weightsFile?: string | undefined;
  /** True: published weights are not downloaded. */
  offline?: boolean;
  /** The finished train stage, where the benchmark fine-tunes its backbone. */
  trainDir?: string;
  /** The folder of the finished artifact. */
  out: string;
  threads: number;
  progress: Progress;
}

/**
 * Runs the backbone over every face of the benchmark's data sets: the frozen one, random weights first calibrated on
 * training images of the source, or the one that the train stage fine-tuned. Memory does not grow with the data sets.
 *
 * @throws FerBenchError "unavailable" or "bad-config", before anything is done, where the benchmark's engine does not
 *   run on its device here
 */
export async function runFeaturesStage(request: FeaturesStageRequest): Promise<Artifact> {
  const { benchmark, name, out, threads, progress, weightsFile } = request;
  const names = [...new Set([benchmark.source, ...benchmark.targets])];
  const inputs: Record<string, { dir: string; stage: string }> = {};
  for (const dataset of names) {
    const dirs = request.datasets[dataset];
    if (dirs === undefined) {
      throw new FerBenchError("missing", `benchmark ${name} needs the data set ${dataset}`, {
        remedy: `prepare and preprocess ${dataset} first`,
      });
    }
    inputs[`${dataset}/prepare`] = { dir: dirs.prepareDir, stage: "prepare" };
    inputs[`${dataset}/preprocess`] = { dir: dirs.preprocessDir, stage: "preprocess" };
  }
  const finetuned = benchmark.train.mode === "finetune";
  if (finetuned) inputs.train = { dir: request.trainDir!, stage: "train" };
  const { batchSize, seed } = benchmark.features;
  const entry = findBackbone(benchmark.backbone);
  const { engine, device } = benchmark;
  const { averaged } = benchmark.evaluate;
  const runtime = await findRuntime({ engine, device });
  const stage = {
    stage: "features",
    dir: out,
    config: {
      benchmark: name,
      datasets: names,
      backbone: entry.name,
      weights: weightsFile ?? null,
      engine,
      device,
      input: benchmark.input,
      features: benchmark.features,
      ...(averaged.length > 0 && { averaged }),
    },
    inputs,
    seed,
    threads,
    engine: runtime.library,
    device,
    // Whatever runs the backbone, onnxruntime-node calibrates it.
    libraries: {
      ...runtime.libraries,
      names: [...new Set(["onnxruntime-node", ...runtime.libraries.names])],
    },
  };
  return runStage(stage, async (dir, context) => {
    const datasets = await openDatasets(names, context.inputs, benchmark.input.size);
    try {
      const source = datasets[0]!;
      const { size } = benchmark.input;
      const { channels } = source.faces;
      const input = { height: size, width: size, channels };
      const backbone = finetuned
        ? await finetunedBackbone(entry, input, context.inputs.train!)
        : await frozenBackbone(request, entry, input, source);
      if (backbone.weightsFile !== undefined) context.note("weights", backbone.weightsFile);
      const { graph, weights } = backbone;
      await writeModel(join(dir, BACKBONE_FILE), { graph, weights }, { backbone: entry.name });
      const extractor = await createFeatureExtractor({ graph, weights, batchSize, threads, engine, device });
      const started = performance.now();
      try {
        for (const { name: dataset, faces, samples } of datasets) {
          const task = `features of ${dataset}`;
          const path = join(dir, featuresFile(dataset));
          await extractFeatures({ faces, channels, extractor, batchSize, out: path, task, progress });
          await writeSamples(join(dir, samplesFile(dataset)), samples);
          if (!benchmark.targets.includes(dataset)) continue;
          const indices = rowsOfSplit(samples, "test");
          for (const set of averaged) {
            const viewed = viewedFaces(faces, { indices, size, views: viewsOf(set, size) });
            const out = join(dir, viewsFile(dataset, set));
            const views = `${set} of ${dataset}`;
            await extractFeatures({
              faces: viewed,
              channels,
              extractor,
              batchSize,
              out,
              task: views,
              progress,
            });
          }
        }
      } finally {
        await extractor.close();
      }
      const images = datasets.reduce((sum, { faces }) => sum + faces.count, 0);
      context.note("backbone", {
        parameters: countParameters(graph),
        flops: countFlops(graph),
      });
      context.note("imagesPerSecond", Math.round((1000 * images) / (performance.now() - started)));
      await writeFeaturesJson(dir, {
        backbone: {
          name: entry.name,
          title: backbone.title,
          ...(backbone.note !== undefined && { note: backbone.note }),
          ...(entry.classes !== undefined && { classes: [...entry.classes] }),
          ...(backbone.weightsFile !== undefined && { weights: backbone.weightsFile }),
        },
        input: { size, channels },
        dimensions: extractor.dimensions,
        batchSize,
        calibration: backbone.calibration,
        datasets: Object.fromEntries(
          datasets.map(({ name: dataset, classes, faces }) => [dataset, { classes, count: faces.count }]),
        ),
      } satisfies Features);
    } finally {
      for (const { faces } of datasets) await faces.close();
    }
  });
}

/** What turns faces into features. */
interface ReadyBackbone {
  graph: Graph;
  weights: Weights;
  title: string;
  note?: string | undefined;
  /** The file that the weights are from; absent where they are from none. */
  weightsFile?: WeightsFile | undefined;
  calibration: Features["calibration"];
}

/** The backbone as the train stage left it. */
async function finetunedBackbone(
  entry: BackboneEntry,
  input: PictureShape,
  trained: Artifact,
): Promise<ReadyBackbone> {
  const graph = entry.graph(input);
  const file = trained.path(BACKBONE_FILE);
  const { weights } = await readModel(file);
  checkWeights(graph, weights, file);
  return { graph, weights, title: `${entry.title}, fine-tuned`, calibration: null };
}

/** The backbone with its own weights; random ones are calibrated on training images of the source. */
async function frozenBackbone(
  { benchmark, weightsFile, offline = false, threads, progress }: FeaturesStageRequest,
  entry: BackboneEntry,
  input: PictureShape,
  { name, faces, samples, classes }: Dataset,
): Promise<ReadyBackbone> {
  const { seed, calibrationImages: images } = benchmark.features;
  const stores = weightsStores({ offline });
  const backbone = await entry.create({ input, seed, weightsFile, stores, progress });
  const { graph, note } = backbone;
  const described = { graph, title: entry.title, note, weightsFile: backbone.weightsFile };
  if (!backbone.needsCalibration) return { ...described, weights: backbone.weights, calibration: null };
  const train = selectSplit(samples, "train", classes).indices;
  const { weights, calibration } = await calibrateBackbone({
    backbone,
    faces,
    train,
    images,
    seed,
    threads,
    progress,
  });
  return { ...described, weights, calibration: { dataset: name, ...calibration } };
}

interface Dataset {
  name: string;
  classes: string[];
  samples: Sample[];
  faces: Faces;
}

async function openDatasets(
  names: readonly string[],
  inputs: Readonly<Record<string, Artifact>>,
  size: number,
): Promise<Dataset[]> {
  const datasets: Dataset[] = [];
  try {
    for (const name of names) {
      const preprocessed = inputs[`${name}/preprocess`]!;
      const classes = await readClasses(inputs[`${name}/prepare`]!);
      const table = preprocessed.path("faces.parquet");
      const samples = await readFaceSamples(table, inputs[`${name}/prepare`]!.path("records.parquet"));
      const faces = await openFaces(preprocessed.path("faces.npy"), size);
      datasets.push({ name, classes, samples, faces });
      if (samples.length !== faces.count) {
        throw new FerBenchError("bad-artifact", `${samples.length} rows for ${faces.count} faces`, {
          file: table,
          remedy: "run the data set's preprocess stage again",
        });
      }
    }
    return datasets;
  } catch (error) {
    for (const { faces } of datasets) await faces.close();
    throw error;
  }
}
