import { writeFile } from "node:fs/promises";
import { type Artifact, FerBenchError, parseConfig, readJson } from "@fer-bench/artifacts";
import { z } from "zod";
import { readSamples, type Sample } from "./samples.ts";
import type { ViewSet } from "./test-views.ts";

/*
 * The features stage's folder: `<set>.npy` float32 [N, D] and `<set>.samples.parquet` (which sample each row is) for
 * every data set of the benchmark, `backbone.safetensors`, and `features.json`, which is this:
 */
const featuresSchema = z.strictObject({
  backbone: z.strictObject({
    /** `architecture.weights` */
    name: z.string(),
    title: z.string(),
    /** What every number that rests on it needs said. */
    note: z.string().optional(),
    /** What the features stand for where they are the logits of classes. */
    classes: z.array(z.string()).min(2).optional(),
    /** The file that its weights came from; absent where from none. */
    weights: z
      .strictObject({
        name: z.string(),
        bytes: z.int(),
        sha256: z.string(),
        framework: z.enum(["keras", "torchvision", "timm"]),
        /** Whether it is the published file, known by its checksum. */
        published: z.boolean(),
      })
      .optional(),
  }),
  /** Of the pictures that the backbone reads; other data sets are brought to the source's channels. */
  input: z.strictObject({ size: z.int(), channels: z.union([z.literal(1), z.literal(3)]) }),
  /** Length of a feature vector. */
  dimensions: z.int().positive(),
  batchSize: z.int().positive(),
  /** How the batch-norm statistics of random weights were set; null where they came with the weights. */
  calibration: z
    .strictObject({ dataset: z.string(), images: z.int(), batchSize: z.int(), seed: z.int() })
    .nullable(),
  datasets: z.record(
    z.string(),
    z.strictObject({
      /** The data set's class list, in its order. */
      classes: z.array(z.string()),
      count: z.int(),
    }),
  ),
});

export type Features = z.output<typeof featuresSchema>;

export const BACKBONE_FILE = "backbone.safetensors";
const FEATURES_FILE = "features.json";

export const featuresFile = (dataset: string): string => `${dataset}.npy`;
/** Features of a set of views of every sample of the test split, one view after the other. */
export const viewsFile = (dataset: string, views: ViewSet): string => `${dataset}.${views}.npy`;
export const samplesFile = (dataset: string): string => `${dataset}.samples.parquet`;

export async function writeFeaturesJson(dir: string, features: Features): Promise<void> {
  await writeFile(`${dir}/${FEATURES_FILE}`, `${JSON.stringify(features, undefined, 2)}\n`);
}

export async function readFeaturesJson(artifact: Artifact): Promise<Features> {
  const file = artifact.path(FEATURES_FILE);
  return parseConfig(featuresSchema, await readJson(file), file);
}

/** The features of one data set: where they are, and of what. */
export interface DatasetFeatures {
  path: string;
  samples: Sample[];
  classes: readonly string[];
}

/** @throws FerBenchError "bad-artifact" where the stage ran without this data set */
export async function datasetFeatures(
  artifact: Artifact,
  features: Features,
  name: string,
): Promise<DatasetFeatures> {
  const dataset = features.datasets[name];
  if (dataset === undefined) {
    throw new FerBenchError("bad-artifact", `there are no features of ${name}`, {
      file: artifact.path(FEATURES_FILE),
      field: "datasets",
      remedy: "run the benchmark's features stage again",
    });
  }
  return {
    path: artifact.path(featuresFile(name)),
    samples: await readSamples(artifact.path(samplesFile(name))),
    classes: dataset.classes,
  };
}
