import type { Proportion } from "@fer-bench/metrics";
import type { Features } from "../features-artifact.ts";
import type { CorruptionKind } from "./robustness-config.ts";

/*
 * The robustness stage's folder: `robustness.json`, which is `Robustness`; per data set `<set>.robustness.parquet`, every
 * answer (kind, level, value, index, id, label, predicted, p_<class>; kind "none", level 0 and no value before any
 * corruption); and `<set>.corrupted.npy` uint8 [1 + levels, size, size, C], one test face as it is and after each level.
 */
export const ROBUSTNESS_FILE = "robustness.json";
export const answersFile = (dataset: string): string => `${dataset}.robustness.parquet`;
export const corruptedFile = (dataset: string): string => `${dataset}.corrupted.npy`;

export interface Robustness {
  source: string;
  backbone: Features["backbone"];
  classes: readonly string[];
  /** Of places, noise and directions. */
  seed: number;
  targets: TargetRobustness[];
}

export interface TargetRobustness {
  target: string;
  split: "test";
  n: number;
  /** Before any corruption: the evaluate stage's. */
  none: LevelScores;
  corruptions: CorruptionScores[];
  example: CorruptedExample;
}

export interface CorruptionScores {
  kind: CorruptionKind;
  title: string;
  /** What the values of its levels count. */
  unit: string;
  /** From the mildest on. */
  levels: (LevelScores & { value: number })[];
}

/** How the model did on the test set at one level. */
export interface LevelScores {
  accuracy: Proportion;
  balancedAccuracy: number;
  macroF1: number;
  /** Of each class of the model's list. */
  recall: number[];
  /** Mean cross-entropy in nats. */
  logLoss: number;
  /** Of the most probable class, in 15 bins. */
  expectedCalibrationError: number;
}

/** The face of `<set>.corrupted.npy`: the first test sample that the model answers rightly as it is, else the first. */
export interface CorruptedExample {
  id: string;
  /** Its row among the data set's faces. */
  index: number;
  label: string;
  /** What the model takes it for: as it is, then after each level, in the order of `corruptions`. */
  answers: { predicted: string; confidence: number }[];
}
