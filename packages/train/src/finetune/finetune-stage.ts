import { availableParallelism } from "node:os";
import { join } from "node:path";
import { type Artifact, configHash, runStage } from "@fer-bench/artifacts";
import { findBackbone, findRuntime, weightsStores, writeModel } from "@fer-bench/models";
import { shareFaces, shareLabels } from "../augment/shared-samples.ts";
import { CHECKPOINT_FILE, writeHeadCheckpoint } from "../checkpoint.ts";
import { readClasses } from "../dataset-classes.ts";
import { openFaces } from "../faces.ts";
import { BACKBONE_FILE } from "../features-artifact.ts";
import type { FinetuneConfig } from "../finetune-config.ts";
import { selectTraining } from "../overlap.ts";
import { readFaceSamples, selectSplit, voteTargets } from "../samples.ts";
import { sgdOf } from "../tfjs/tfjs-trainer.ts";
import type { TrainStageRequest } from "../train-stage.ts";
import { epochEvents, writeTrainingRecord } from "../training-record.ts";
import { removeResumePoint } from "./resume-point.ts";
import { optimizerOf, trainNetwork } from "./train-network.ts";

/**
 * Trains backbone and head on the source's face chips and keeps the epoch that does best on its validation split:
 * `backbone.safetensors`, `checkpoint.safetensors` (the head), `history.jsonl`, `train.json` and TensorBoard events.
 * Until it is done, `<out>.resume.safetensors` lies beside the folder (or where `resumeFile` says), from which the next run of the same
 * configuration on the same inputs, from the same weights, goes on.
 *
 * @throws FerBenchError "unavailable" or "bad-config", before anything is done, where the benchmark's engine does not
 *   train on its device here, or has not its optimizer
 */
export async function finetune(request: TrainStageRequest, config: FinetuneConfig): Promise<Artifact> {
  const { benchmark, name, out, progress, weightsFile, offline = false } = request;
  const { threads = availableParallelism() } = request;
  const dataset = request.dataset!;
  const { source, input, engine, device } = benchmark;
  if (engine === "tfjs") sgdOf(optimizerOf(config));
  const runtime = await findRuntime({ engine, device }, { training: true });
  const entry = findBackbone(benchmark.backbone);
  const stage = {
    stage: "train",
    dir: out,
    config: {
      benchmark: name,
      source,
      backbone: entry.name,
      weights: weightsFile ?? null,
      engine,
      device,
      input,
      train: config,
    },
    inputs: {
      [`${source}/prepare`]: { dir: dataset.prepareDir, stage: "prepare" },
      [`${source}/preprocess`]: { dir: dataset.preprocessDir, stage: "preprocess" },
    },
    seed: config.seed,
    threads,
    engine: runtime.library,
    device,
    libraries: runtime.libraries,
  };
  const path = request.resumeFile ?? `${out}.resume.safetensors`;
  const artifact = await runStage(stage, async (dir, context) => {
    const preprocessed = context.inputs[`${source}/preprocess`]!;
    const prepared = context.inputs[`${source}/prepare`]!;
    const classes = await readClasses(prepared);
    const samples = await readFaceSamples(
      preprocessed.path("faces.parquet"),
      prepared.path("records.parquet"),
    );
    const train = selectTraining(samples, classes, config.overlap);
    const validation = selectSplit(samples, "validation", classes);
    const faces = await openFaces(preprocessed.path("faces.npy"), input.size);
    const { channels } = faces;
    const pictures = async (rows: Int32Array) => shareFaces(faces, rows, input.size, channels);
    const [trainFaces, validationFaces] = await Promise.all([
      pictures(train.indices),
      pictures(validation.indices),
    ]).finally(() => faces.close());
    const backbone = await entry.create({
      input: { height: input.size, width: input.size, channels },
      seed: config.seed,
      weightsFile,
      stores: weightsStores({ offline }),
      progress,
    });
    if (backbone.weightsFile !== undefined) context.note("weights", backbone.weightsFile);
    const { identity: preprocess } = preprocessed;
    const { identity: prepare } = prepared;
    // The weights by their checksum, not by where their file lies.
    const startedFrom = { ...stage.config, weights: backbone.weightsFile ?? null };
    const identity = configHash({ config: startedFrom, threads, prepare, preprocess });
    const onEpoch = epochEvents(join(dir, "tensorboard"));
    const targets =
      config.targets === "votes"
        ? voteTargets(train.samples, classes)
        : shareLabels(train.labels, classes.length);
    const trained = await trainNetwork({
      backbone,
      classes: classes.length,
      size: input.size,
      channels,
      train: { faces: trainFaces, targets },
      validation: { faces: Uint8Array.from(validationFaces), labels: validation.labels },
      config,
      engine,
      device,
      resume: { path, identity },
      threads,
      progress,
      onEpoch,
    });
    context.note("imagesPerSecond", Math.round(trained.imagesPerSecond));
    context.note("waitedForPicturesMs", Math.round(trained.waited));
    const { bestEpoch, history, headOptions } = trained;
    const network = { graph: backbone.graph, weights: trained.backbone };
    await writeModel(join(dir, BACKBONE_FILE), network, { backbone: entry.name });
    await writeHeadCheckpoint(join(dir, CHECKPOINT_FILE), {
      backbone: entry.name,
      classes,
      head: headOptions,
      epoch: bestEpoch,
      weights: trained.head,
    });
    const summary = {
      source,
      classes,
      backbone: { name: entry.name, title: entry.title, note: backbone.note },
      samples: { train: train.samples.length, validation: validation.samples.length },
      ...(config.overlap && { overlap: config.overlap, dropped: train.dropped }),
      epochs: config.epochs,
      bestEpoch,
    };
    await writeTrainingRecord(dir, summary, history);
  });
  await removeResumePoint(path);
  return artifact;
}
