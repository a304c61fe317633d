import type { Features } from "../features-artifact.ts";
import type { MapLayer } from "./map-layers.ts";

/*
 * The activation-maps stage's folder: `activation-maps.json`, which is `ActivationMaps`, and for every data set and layer
 * float32 [n, height, width] of its test samples in the order of the evaluate stage's predictions:
 * `<set>.<layer>.predicted.npy`, the evidence for the class that the model takes each for, and `<set>.<layer>.label.npy`,
 * for the class that it has.
 */
export const ACTIVATION_MAPS_FILE = "activation-maps.json";

/** Whose evidence a map shows. */
export const EVIDENCE = ["predicted", "label"] as const;
export type Evidence = (typeof EVIDENCE)[number];

export const mapsFile = (dataset: string, layer: string, evidence: Evidence): string =>
  `${dataset}.${layer}.${evidence}.npy`;

export interface ActivationMaps {
  source: string;
  backbone: Features["backbone"];
  classes: readonly string[];
  /** The last first. */
  layers: readonly MapLayer[];
  targets: {
    target: string;
    split: "test";
    n: number;
    /** Names of the arrays, a record for each layer. */
    files: Record<Evidence, string>[];
  }[];
}
