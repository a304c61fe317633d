import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { FerBenchError, parseConfig, readJson } from "@fer-bench/artifacts";
import { z } from "zod";
import type { Epoch } from "./history-figure.ts";

const measures = z.object({ loss: z.number(), accuracy: z.number().min(0).max(1) });
const epochSchema = z.object({
  epoch: z.int().positive(),
  learningRate: z.number(),
  train: measures,
  validation: measures,
});
const trainSchema = z.object({ bestEpoch: z.int().nonnegative() });

/** What a train stage kept of its epochs. */
export interface Training {
  history: Epoch[];
  /** The epoch whose checkpoint was kept. */
  bestEpoch: number;
  /** Its record. */
  best: Epoch;
}

/** The `history.jsonl` and `train.json` of a train stage; undefined where nothing was trained, epoch 0 being kept. */
export async function readTraining(dir: string): Promise<Training | undefined> {
  const historyFile = join(dir, "history.jsonl");
  const trainFile = join(dir, "train.json");
  const { bestEpoch } = parseConfig(trainSchema, await readJson(trainFile), trainFile);
  if (bestEpoch === 0) return undefined;
  const text = await readFile(historyFile, "utf8").catch((cause: unknown) => {
    throw badHistory(historyFile, "the training history cannot be read", cause);
  });
  const history = text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line, i) =>
      parseConfig<Epoch>(epochSchema, parsed(line, historyFile, i), `${historyFile}:${i + 1}`),
    );
  if (history.length === 0) throw badHistory(historyFile, "the training history is empty");
  const best = history.find(({ epoch }) => epoch === bestEpoch);
  if (best === undefined) {
    throw badHistory(trainFile, `epoch ${bestEpoch}, the one kept, is not in the history`);
  }
  return { history, bestEpoch, best };
}

function parsed(line: string, file: string, index: number): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw badHistory(file, `line ${index + 1} is not JSON`, cause);
  }
}

function badHistory(file: string, message: string, cause?: unknown): FerBenchError {
  return new FerBenchError("bad-artifact", message, { file, remedy: "run the train stage again", cause });
}
