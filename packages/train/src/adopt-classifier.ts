import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Artifact, FerBenchError, runStage } from "@fer-bench/artifacts";
import { CHECKPOINT_FILE, writeHeadCheckpoint } from "./checkpoint.ts";
import { readFeaturesJson } from "./features-artifact.ts";
import type { TrainStageRequest } from "./train-stage.ts";

/**
 * The train stage of a backbone that is a whole classifier, whose features are the logits of classes: nothing is
 * trained. `checkpoint.safetensors` is of epoch 0, a softmax without weights; `train.json` says so; there is no history.
 * The classes are the backbone's own.
 *
 * @throws FerBenchError "bad-config" where the backbone's features stand for no classes
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
    const { classes } = backbone;
    if (classes?.length !== dimensions) {
      throw new FerBenchError(
        "bad-config",
        `${backbone.name} gives ${dimensions} features, not the logits of classes`,
        { field: "train.mode", remedy: 'set it to "frozen": a head is trained on the features' },
      );
    }
    await writeHeadCheckpoint(join(dir, CHECKPOINT_FILE), {
      backbone: backbone.name,
      classes,
      head: { kind: "softmax", inputs: dimensions, classes: classes.length },
      epoch: 0,
      weights: new Map(),
    });
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
