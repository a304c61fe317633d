import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Artifact, FerBenchError, runStage } from "@fer-bench/artifacts";
import { classifierHead, parametersOf, shippedClassifier, tensorOf } from "@fer-bench/models";
import { CHECKPOINT_FILE, type HeadCheckpoint, writeHeadCheckpoint } from "./checkpoint.ts";
import { type Features, readFeaturesJson } from "./features-artifact.ts";
import type { TrainStageRequest } from "./train-stage.ts";

/**
 * The train stage where nothing is trained: of a backbone that is a whole classifier, whose features are the logits of
 * classes, or whose weights came with a head. `checkpoint.safetensors` is a softmax without weights, or that head, of
 * epoch 0; `train.json` says so; there is no history. The classes are the classifier's own.
 *
 * @throws FerBenchError "bad-config" where the backbone's features stand for no classes and no head came with them
 */
export async function adoptClassifier(
  request: Pick<TrainStageRequest, "benchmark" | "name" | "featuresDir" | "out">,
): Promise<Artifact> {
  const { benchmark, name, featuresDir, out } = request;
  const { source, train } = benchmark;
  const stage = {
    stage: "train",
    dir: out,
    config: { benchmark: name, source, train },
    inputs: { features: { dir: featuresDir, stage: "features" } },
  };
  return runStage(stage, async (dir, { inputs }) => {
    const { backbone, dimensions } = await readFeaturesJson(inputs.features!);
    const checkpoint = await readyCheckpoint(backbone, dimensions);
    if (checkpoint === undefined) {
      throw new FerBenchError(
        "bad-config",
        `${backbone.name} gives ${dimensions} features, not the logits of classes`,
        { field: "train.mode", remedy: 'set it to "frozen": a head is trained on the features' },
      );
    }
    const { classes } = checkpoint;
    await writeHeadCheckpoint(join(dir, CHECKPOINT_FILE), checkpoint);
    const summary = {
      source,
      classes,
      backbone,
      samples: { train: 0, validation: 0 },
      epochs: 0,
      selectedOn: null,
      bestEpoch: 0,
      best: null,
    };
    await writeFile(join(dir, "train.json"), `${JSON.stringify(summary, undefined, 2)}\n`);
  });
}

async function readyCheckpoint(
  { name, classes, weights }: Features["backbone"],
  dimensions: number,
): Promise<HeadCheckpoint | undefined> {
  if (classes?.length === dimensions) {
    const head = { kind: "softmax", inputs: dimensions, classes: dimensions } as const;
    return { backbone: name, classes, head, epoch: 0, weights: new Map() };
  }
  // Other weights of this backbone, a user's, have nothing to do with the head.
  const classifier = weights?.published ? await shippedClassifier(name) : undefined;
  const head = classifier?.card.head;
  if (classifier === undefined || head === undefined) return undefined;
  const parameters = parametersOf(classifierHead({ ...head, softmax: false }));
  return {
    backbone: name,
    classes: [...classifier.classes],
    head,
    epoch: 0,
    weights: new Map(
      parameters.map((parameter) => [parameter.name, tensorOf(classifier.weights, parameter.name)]),
    ),
  };
}
