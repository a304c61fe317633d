import { join } from "node:path";
import { parseConfig, readJson } from "@fer-bench/artifacts";
import { z } from "zod";

const share = z.number().min(0).max(1);

const scoresSchema = z.object({
  accuracy: z.object({ value: share, low: share, high: share, n: z.int().positive() }),
  balancedAccuracy: share,
  macroF1: share,
  expectedCalibrationError: share,
});

const targetSchema = z.object({
  target: z.string(),
  split: z.string(),
  none: scoresSchema,
  corruptions: z.array(
    z.object({
      kind: z.string(),
      title: z.string(),
      unit: z.string(),
      levels: z.array(scoresSchema.extend({ value: z.number() })).min(1),
    }),
  ),
  example: z.object({
    id: z.string(),
    label: z.string(),
    answers: z.array(z.object({ predicted: z.string(), confidence: share })).min(1),
  }),
});

const robustnessSchema = z.object({ targets: z.array(targetSchema) });

/** How a model did on one target before any corruption and at each level of each kind. */
export type TargetRobustness = z.output<typeof targetSchema>;
export type CorruptionScores = TargetRobustness["corruptions"][number];
export type LevelScores = z.output<typeof scoresSchema>;

/** The `robustness.json` of a robustness stage. */
export async function readRobustness(dir: string): Promise<TargetRobustness[]> {
  const file = join(dir, "robustness.json");
  return parseConfig(robustnessSchema, await readJson(file), file).targets;
}
