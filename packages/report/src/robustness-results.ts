import { join } from "node:path";
import { type FaceSprite, faceSprite } from "./face-sprite.ts";
import type { Figure } from "./figure.ts";
import { modelLabels } from "./model-labels.ts";
import { readRobustness, type TargetRobustness } from "./read-robustness.ts";
import type { EvaluationInput } from "./request.ts";
import { MOST_MODELS, robustnessFigure } from "./robustness-figure.ts";
import { type RobustnessRow, robustnessTable } from "./robustness-table.ts";
import type { Table } from "./table.ts";

/** What the page shows of corrupted test pictures of one target. */
export interface RobustnessResults {
  figure: Figure;
  table: Table<RobustnessRow>;
  own: TargetRobustness;
  /** Models that the figure has no line for. */
  undrawn: number;
  /** One face as it is, and after each level; undefined where images may not be shown. */
  sprite: FaceSprite | undefined;
}

/**
 * The robustness of the first model on a target, beside that of the others that have it.
 * @returns undefined where the first was not tested on corrupted pictures of this target
 */
export async function robustnessResults(
  target: {
    name: string;
    target: string;
    title: string;
    split: string;
    majority: number;
    showFaces: boolean;
  },
  models: readonly EvaluationInput[],
): Promise<RobustnessResults | undefined> {
  const tested = models.filter(({ robustness }) => robustness !== undefined);
  if (models[0]?.robustness === undefined) return undefined;
  const labels = modelLabels(tested);
  const read = await Promise.all(
    tested.map(async (model, i) => {
      const targets = await readRobustness(model.robustness!);
      const robustness = targets.find((one) => one.target === target.target && one.split === target.split);
      return { label: labels[i]!, backbone: model.backbone, robustness };
    }),
  );
  const found = read.flatMap(({ robustness, ...model }) => (robustness ? { ...model, robustness } : []));
  const own = read[0]!.robustness;
  if (own === undefined || own.corruptions.length === 0) return undefined;
  const places = own.example.answers.map((_, place) => place);
  return {
    figure: await robustnessFigure({
      name: `robustness-${target.name}`,
      title: `Accuracy on corrupted ${target.title}`,
      subtitle: `${target.split} split, ${own.none.accuracy.n} images a level`,
      models: found,
      majority: target.majority,
    }),
    table: robustnessTable(target, found),
    own,
    undrawn: Math.max(0, found.length - MOST_MODELS),
    sprite: target.showFaces
      ? await faceSprite(join(models[0].robustness, `${target.target}.corrupted.npy`), places)
      : undefined,
  };
}
