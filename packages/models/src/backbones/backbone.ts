import type { FileStores, Progress, PublishedFile } from "@fer-bench/artifacts";
import type { Graph } from "../graph/graph.ts";
import type { WeightsLayout } from "../weights/layout.ts";
import type { Weights } from "../weights/weights.ts";

/** What a backbone reads: pictures of this size; the channels follow the data. */
export interface PictureShape {
  height: number;
  width: number;
  channels: 1 | 3;
}

/** What registers: an architecture with one kind of weights, all of it data. */
export interface BackboneDeclaration {
  /** `architecture.tag`, the tag telling where the weights come from; no tag where there are none. */
  name: string;
  /** As a table shows it. */
  title: string;
  /** What a reader of a number made with it has to know, one sentence; absent where the title says all. */
  note?: string;
  /** What the outputs stand for where they are the logits of classes; absent where they are features. */
  classes?: readonly string[];
  /** Side of the pictures that the architecture was made for, in pixels; absent where it has none. */
  ownSize?: number;
  /** The network without its classifier, or with the architecture's own on top. */
  graph(input: PictureShape, top?: { classes: number }): Graph;
  weights: WeightsOrigin;
}

/** Where the weights come from. */
export type WeightsOrigin =
  /** There are none. */
  | { kind: "none" }
  /** Drawn by the layers' initialisers; the statistics of batch norms, where it has any, are then set by calibration. */
  | { kind: "random" }
  | WeightsFileOrigin;

export interface WeightsFileOrigin {
  kind: "file";
  /** How the file names and lays out the graph's parameters. */
  layout: WeightsLayout;
  /** The published file, which is looked for by its name and known by its checksum; absent: the user names one. */
  published?: PublishedFile;
  /** How a reader gets the file where it cannot be downloaded: part of a sentence, such as "convert x.pth to y". */
  howToGet?: string;
}

export interface BackboneOptions {
  input: PictureShape;
  /** Seeds weights that are drawn. */
  seed: number;
  /** The file to take the weights from, whatever is published. */
  weightsFile?: string | undefined;
  /** Where a published file is looked for; `weightsStores()`, the environment's, where absent. */
  stores?: FileStores | undefined;
  progress?: Progress;
}

/** A backbone ready to run. */
export interface Backbone {
  graph: Graph;
  weights: Weights;
  /** True where batch-norm statistics still have to be set by `calibrateBatchNorm`. */
  needsCalibration: boolean;
  /** What a reader of a number made with it has to know: the entry's note, and of a user's file which it is. */
  note?: string | undefined;
  /** The file that the weights are from; absent where they are from none. */
  weightsFile?: WeightsFile;
}

/** A file of weights as a record of it names it. */
export interface WeightsFile {
  /** Without its folder. */
  name: string;
  bytes: number;
  sha256: string;
  framework: WeightsLayout["framework"];
  /** True for the published file, known by its checksum; false for any other that the user named. */
  published: boolean;
}

/** The note of a backbone whose weights are drawn by that framework's initialisers. */
export function randomWeightsNote(framework: string, { calibrated = false } = {}): string {
  const drawn = `The backbone's weights are random (${framework}'s initialisers, seeded), not trained`;
  return calibrated
    ? `${drawn}; its batch-norm statistics were calibrated by one pass over training images.`
    : `${drawn}.`;
}
