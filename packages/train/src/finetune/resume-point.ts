import { mkdir, rename, rm, stat } from "node:fs/promises";
import { basename, dirname } from "node:path";
import {
  abandonedPaths,
  FerBenchError,
  parseConfig,
  readSafetensors,
  temporaryPath,
  writeSafetensors,
} from "@fer-bench/artifacts";
import type { Tensor, Weights } from "@fer-bench/models";
import { z } from "zod";
import type { TrainerState } from "../step/trainer.ts";

const measures = z.strictObject({ loss: z.number(), accuracy: z.number() });
const progressSchema = z.strictObject({
  /** The epoch under way, from 0, and its next step. */
  epoch: z.int(),
  step: z.int(),
  /** Sums over the epoch's samples so far. */
  running: z.strictObject({ loss: z.number(), correct: z.int(), samples: z.int() }),
  steps: z.int(),
  history: z.array(
    z.strictObject({ epoch: z.int(), learningRate: z.number(), train: measures, validation: measures }),
  ),
  /** The epoch of the weights that are best so far, from 1; null before the first. */
  bestEpoch: z.int().nullable(),
});

/** How far a training is. */
export type TrainingProgress = Omit<z.output<typeof progressSchema>, "steps">;

/** All that an interrupted training needs to go on as if it had not been. */
export interface ResumePoint {
  progress: TrainingProgress;
  trainer: TrainerState;
  /** Of the best epoch so far; empty before the first. */
  best: Weights;
}

/** Where resume points are kept, and whose they are. */
export interface ResumeFile {
  path: string;
  /** Of configuration, inputs and first weights: a point of another training is not gone on from. */
  identity: string;
}

const FORMAT = "fer-bench-resume";
const metadataSchema = z.object({ format: z.literal(FORMAT), identity: z.string(), progress: z.string() });
const STATE = "state/";
const BEST = "best/";

/** Writes a point whole or not at all: the one before stays until this one is written. */
export async function writeResumePoint({ path, identity }: ResumeFile, point: ResumePoint): Promise<void> {
  const { steps, vectors } = point.trainer;
  const tensors = new Map(
    [...vectors].map(([name, data]) => [
      `${STATE}${name}`,
      { dtype: "F32" as const, shape: [data.length], data },
    ]),
  );
  for (const [name, { shape, data }] of point.best) {
    tensors.set(`${BEST}${name}`, { dtype: "F32", shape: [...shape], data });
  }
  const progress = JSON.stringify({ ...point.progress, steps });
  await mkdir(dirname(path), { recursive: true });
  await removeAbandoned(path);
  const partial = temporaryPath(dirname(path), basename(path));
  try {
    await writeSafetensors(partial, tensors, { format: FORMAT, identity, progress });
    await rename(partial, path);
  } finally {
    await rm(partial, { force: true });
  }
}

/** Removes the point of a training that has come to its end, and what killed ones left of theirs. */
export async function removeResumePoint(path: string): Promise<void> {
  await rm(path, { force: true });
  await removeAbandoned(path);
}

async function removeAbandoned(path: string): Promise<void> {
  for (const abandoned of await abandonedPaths(dirname(path), basename(path)))
    await rm(abandoned, { force: true });
}

/**
 * The point to go on from; undefined where there is none, or only one of another configuration or other inputs.
 * @throws FerBenchError "bad-artifact" where the file is damaged
 */
export async function readResumePoint({ path, identity }: ResumeFile): Promise<ResumePoint | undefined> {
  const exists = await stat(path).catch(() => undefined);
  if (exists === undefined) return undefined;
  const { tensors, metadata } = await readSafetensors(path);
  const parsed = parseConfig(metadataSchema, metadata, path);
  if (parsed.identity !== identity) return undefined;
  const { steps, ...progress } = parseConfig(progressSchema, parseJson(parsed.progress, path), path);
  const vectors: TrainerState["vectors"] = new Map();
  const best = new Map<string, Tensor>();
  for (const [name, { shape, data }] of tensors) {
    const floats = Float32Array.from(data as Float32Array);
    if (name.startsWith(STATE)) vectors.set(name.slice(STATE.length), floats);
    else if (name.startsWith(BEST)) best.set(name.slice(BEST.length), { shape, data: floats });
  }
  return { progress, trainer: { steps, vectors }, best };
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new FerBenchError("bad-artifact", "its progress is no JSON", {
      file,
      field: "progress",
      remedy: "remove the file; the training then begins anew",
      cause,
    });
  }
}
