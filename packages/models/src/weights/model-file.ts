import { FerBenchError, readSafetensors, type Safetensors, writeSafetensors } from "@fer-bench/artifacts";
import { decodeGraph, encodeGraph } from "../graph/graph-json.ts";
import type { Model } from "../onnx/fold.ts";
import { fromStoredTensors, type StorageOptions, toStoredTensors } from "./stored-tensors.ts";
import { checkWeights } from "./weights.ts";

/**
 * Writes a network as one .safetensors that is enough to run it: weights under Keras's names; in the metadata the graph,
 * layer by layer, and what else is given. The same network gives the same bytes.
 */
export async function writeModel(
  path: string,
  { graph, weights }: Model,
  metadata: Readonly<Record<string, string>> = {},
  options: StorageOptions = {},
): Promise<void> {
  checkWeights(graph, weights);
  await writeSafetensors(path, toStoredTensors(weights, options), { ...metadata, graph: encodeGraph(graph) });
}

/**
 * Reads a network that `writeModel` wrote.
 * @throws FerBenchError naming the file, and the layer, tensor or field that is not as it should be
 */
export async function readModel(path: string): Promise<Model> {
  return modelOf(await readSafetensors(path), path);
}

/** The network of a file that is read. */
export function modelOf({ tensors, metadata }: Safetensors, file: string): Model {
  const graph = decodeGraph(jsonOf(metadata, "graph", file), file);
  const weights = fromStoredTensors(tensors, file);
  checkWeights(graph, weights, file);
  return { graph, weights };
}

/** A field of a file's metadata that is JSON. */
export function jsonOf(metadata: Readonly<Record<string, string>>, field: string, file: string): unknown {
  const text = metadata[field];
  try {
    if (text !== undefined) return JSON.parse(text);
  } catch {
    // The message below is for both.
  }
  throw new FerBenchError("bad-config", `its metadata hold no JSON under "${field}"`, {
    file,
    field,
    remedy: "get or write the file again",
  });
}
