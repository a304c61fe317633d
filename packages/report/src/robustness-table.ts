import { percent } from "./format.ts";
import type { CorruptionScores, LevelScores, TargetRobustness } from "./read-robustness.ts";
import type { BackboneCard } from "./request.ts";
import type { Column, Table } from "./table.ts";

/** One model under one kind of corruption; or under all of them. */
export interface RobustnessRow {
  own: boolean;
  model: string;
  backbone: BackboneCard;
  /** undefined: the mean of all kinds. */
  corruption: CorruptionScores | undefined;
  none: LevelScores;
  /** Mean accuracy over the levels, over all kinds where there is no one. */
  mean: number;
}

export interface TestedModel {
  label: string;
  backbone: BackboneCard;
  robustness: TargetRobustness;
}

/** Accuracy at each level of each kind, the first model being the page's own. */
export function robustnessTable(
  target: { name: string; title: string; split: string },
  models: readonly TestedModel[],
): Table<RobustnessRow> {
  const rows = models.flatMap((model, i) => rowsOf(model, i === 0));
  const kinds = models[0]!.robustness.corruptions.map(({ kind }) => kind);
  const order = ({ corruption }: RobustnessRow) => (corruption ? kinds.indexOf(corruption.kind) : -1);
  const levels = Math.max(0, ...rows.map(({ corruption }) => corruption?.levels.length ?? 0));
  const notes = [...new Set(models.flatMap(({ backbone }) => backbone.note ?? []))];
  return {
    name: `robustness-${target.name}`,
    caption: `Accuracy (%) on ${target.title}, ${target.split} split, corrupted; levels from mild to severe`,
    rows: rows.filter((row) => order(row) >= -1).sort((a, b) => order(a) - order(b)),
    emphasis: ({ own }) => own && models.length > 1,
    columns: [
      {
        heading: "Corruption",
        text: ({ corruption }) => corruption?.title ?? "Mean of all kinds",
        values: ({ corruption }) => ({ kind: corruption?.kind ?? "mean" }),
      },
      {
        heading: "Levels",
        text: ({ corruption }) =>
          corruption === undefined
            ? null
            : `${corruption.levels.map(({ value }) => value).join(", ")} (${corruption.unit})`,
        values: ({ corruption }) => ({ unit: corruption?.unit ?? null }),
      },
      {
        heading: "Model",
        text: ({ model }) => model,
        values: ({ model, backbone }) => ({ model, backbone: backbone.title }),
      },
      {
        heading: "As it is",
        numeric: true,
        text: ({ none }) => percent(none.accuracy.value),
        values: ({ none }) => ({
          n: none.accuracy.n,
          accuracy: none.accuracy.value,
          accuracy_low: none.accuracy.low,
          accuracy_high: none.accuracy.high,
          expected_calibration_error: none.expectedCalibrationError,
        }),
      },
      ...Array.from({ length: levels }, (_, i) => levelColumn(i)),
      {
        heading: "Mean",
        numeric: true,
        text: ({ mean }) => percent(mean),
        values: ({ mean }) => ({ mean_accuracy: mean }),
      },
    ],
    notes: [
      "A level's pictures are those of the whole test split, each corrupted by itself; nothing was trained on them. The mean is over the levels; intervals, balanced accuracy and calibration errors stand in the files.",
      ...notes,
    ],
  };
}

function rowsOf({ label, backbone, robustness }: TestedModel, own: boolean): RobustnessRow[] {
  const { none, corruptions } = robustness;
  const shared = { own, model: label, backbone, none };
  const each = corruptions.map((corruption) => ({
    ...shared,
    corruption,
    mean: meanOf(corruption.levels.map(({ accuracy }) => accuracy.value)),
  }));
  return [...each, { ...shared, corruption: undefined, mean: meanOf(each.map(({ mean }) => mean)) }];
}

function levelColumn(i: number): Column<RobustnessRow> {
  const level = ({ corruption }: RobustnessRow) => corruption?.levels[i];
  return {
    heading: `Level ${i + 1}`,
    numeric: true,
    text: (row) => {
      const scores = level(row);
      return scores === undefined ? null : percent(scores.accuracy.value);
    },
    values: (row) => {
      const scores = level(row);
      return {
        [`value_${i + 1}`]: scores?.value ?? null,
        [`accuracy_${i + 1}`]: scores?.accuracy.value ?? null,
        [`accuracy_low_${i + 1}`]: scores?.accuracy.low ?? null,
        [`accuracy_high_${i + 1}`]: scores?.accuracy.high ?? null,
        [`balanced_accuracy_${i + 1}`]: scores?.balancedAccuracy ?? null,
        [`expected_calibration_error_${i + 1}`]: scores?.expectedCalibrationError ?? null,
      };
    },
  };
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
