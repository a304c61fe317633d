import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  type Artifact,
  FerBenchError,
  openNpyWriter,
  type Progress,
  readParquet,
  runStage,
} from "@fer-bench/artifacts";
import { classifierHead, joinGraphs, type Model, readModel } from "@fer-bench/models";
import { CHECKPOINT_FILE, type HeadCheckpoint, readHeadOf } from "../checkpoint.ts";
import { type Faces, openFaces } from "../faces.ts";
import { BACKBONE_FILE, readFeaturesJson } from "../features-artifact.ts";
import { probabilityColumn } from "../probability-columns.ts";
import { type TrainedModelRequest, trainedInputs } from "../trained-stages.ts";
import { type ActivationMapper, createActivationMapper } from "./activation-mapper.ts";
import {
  ACTIVATION_MAPS_FILE,
  type ActivationMaps,
  EVIDENCE,
  type Evidence,
  mapsFile,
} from "./activation-maps-artifact.ts";
import { type MapLayer, mapLayers } from "./map-layers.ts";

/** Pictures a run. */
const BATCH = 32;

/** How far rounding moves probabilities, at most, where the same network is worked out in another order. */
const SAME_NETWORK = 0.01;

/**
 * Works out where each test picture of every target has the evidence for the model's answer, and for the right one:
 * `activation-maps.json` and arrays of maps. ONNX Runtime computes it on the CPU, whatever the benchmark's engine.
 *
 * @throws FerBenchError "bad-config" where the network has no pictures to look at; "bad-artifact" where the evaluation is
 *   of another network
 */
export async function runActivationMapsStage(request: TrainedModelRequest): Promise<Artifact> {
  const { benchmark, name, out, threads, progress } = request;
  const { source, targets } = benchmark;
  const stage = {
    stage: "activation-maps",
    dir: out,
    config: { benchmark: name, source, targets, batchSize: BATCH },
    inputs: trainedInputs(request),
    threads,
    engine: "onnxruntime-node",
    device: "cpu",
    libraries: { names: ["onnxruntime-node"], from: import.meta.url },
  };
  return runStage(stage, async (dir, { inputs }) => {
    const features = await readFeaturesJson(inputs.features!);
    const checkpoint = await readHeadOf(features, inputs.train!.path(CHECKPOINT_FILE));
    const backbone = await readModel(inputs.features!.path(BACKBONE_FILE));
    const model = withLogits(backbone, checkpoint);
    const layers = mapLayers(model.graph);
    const mapper = await createActivationMapper(model, { layers, batch: BATCH, threads });
    const { classes } = checkpoint;
    const mapped: ActivationMaps["targets"] = [];
    try {
      for (const target of targets) {
        const pictures = await openFaces(
          inputs[`${target}/preprocess`]!.path("faces.npy"),
          features.input.size,
        );
        try {
          const evaluated = inputs.evaluate!.path(`${target}.predictions.parquet`);
          const { channels } = features.input;
          const given = {
            target,
            faces: pictures,
            channels,
            evaluated,
            classes,
            layers,
            mapper,
            dir,
            progress,
          };
          mapped.push(await mapTarget(given));
        } finally {
          await pictures.close();
        }
      }
    } finally {
      await mapper.close();
    }
    const result: ActivationMaps = { source, backbone: features.backbone, classes, layers, targets: mapped };
    await writeFile(join(dir, ACTIVATION_MAPS_FILE), `${JSON.stringify(result, undefined, 2)}\n`);
  });
}

/** Backbone and head as one network that ends with logits. */
function withLogits(backbone: Model, { head, weights }: HeadCheckpoint): Model {
  if ("kind" in head) return backbone;
  const graph = classifierHead({ ...head, softmax: false });
  return {
    graph: joinGraphs(`${backbone.graph.name}+${graph.name}`, backbone.graph, graph),
    weights: new Map([...backbone.weights, ...weights]),
  };
}

interface TargetRequest {
  target: string;
  faces: Faces;
  channels: 1 | 3;
  /** The evaluate stage's predictions. */
  evaluated: string;
  classes: readonly string[];
  layers: readonly MapLayer[];
  mapper: ActivationMapper;
  /** Where to write. */
  dir: string;
  progress: Progress;
}

async function mapTarget(request: TargetRequest): Promise<ActivationMaps["targets"][number]> {
  const { target, faces, channels, evaluated, classes, layers, mapper, dir, progress } = request;
  const answers = await readAnswers(evaluated, classes);
  const files = layers.map(
    ({ layer }) =>
      Object.fromEntries(EVIDENCE.map((evidence) => [evidence, mapsFile(target, layer, evidence)])) as Record<
        Evidence,
        string
      >,
  );
  const writers = await Promise.all(
    layers.map(async ({ height, width }, i) => ({
      predicted: await openNpyWriter(join(dir, files[i]!.predicted), "float32", [height, width]),
      label: await openNpyWriter(join(dir, files[i]!.label), "float32", [height, width]),
    })),
  );
  const task = progress.start(`activation maps of ${target}`, answers.length, "images");
  try {
    for (let start = 0; start < answers.length; start += BATCH) {
      const batch = answers.slice(start, start + BATCH);
      const chips = await Promise.all(batch.map(({ index }) => faces.read(index, 1, channels)));
      const pictures = Buffer.concat(chips);
      for (const evidence of EVIDENCE) {
        const asked = batch.map((answer) => answer[evidence]);
        const { logits, maps } = await mapper.run(pictures, asked);
        if (evidence === "predicted") checkLogits(logits, batch, evaluated);
        for (const [i, map] of maps.entries()) await writers[i]![evidence].append(map);
      }
      task.update(start + batch.length);
    }
  } finally {
    await Promise.all(writers.flatMap(({ predicted, label }) => [predicted.close(), label.close()]));
  }
  task.end();
  return { target, split: "test", n: answers.length, files };
}

/** A test sample of the evaluate stage, classes as numbers. */
interface Answer {
  /** Its row among the faces. */
  index: number;
  label: number;
  predicted: number;
  probabilities: readonly number[];
}

async function readAnswers(file: string, classes: readonly string[]): Promise<Answer[]> {
  const rows = await readParquet<Record<string, unknown>>(file);
  return rows.map((row) => ({
    index: Number(row.index),
    label: classes.indexOf(String(row.label)),
    predicted: classes.indexOf(String(row.predicted)),
    probabilities: classes.map((name) => Number(row[probabilityColumn(name)])),
  }));
}

/** Makes sure that the maps are of the network that was evaluated. */
function checkLogits(logits: Float32Array, answers: readonly Answer[], file: string): void {
  const differs = answers.findIndex(({ probabilities }, i) => {
    const row = logits.subarray(i * probabilities.length, (i + 1) * probabilities.length);
    const found = softmax(row);
    return probabilities.some((probability, c) => !(Math.abs(probability - found[c]!) <= SAME_NETWORK));
  });
  if (differs < 0) return;
  throw new FerBenchError("bad-artifact", "these predictions are not of this network", {
    file,
    remedy: "run the benchmark's evaluate stage again; with Nx, add --skip-nx-cache once",
  });
}

function softmax(logits: Float32Array): Float32Array {
  const largest = Math.max(...logits);
  const odds = logits.map((logit) => Math.exp(logit - largest));
  const total = odds.reduce((sum, odd) => sum + odd, 0);
  return odds.map((odd) => odd / total);
}
