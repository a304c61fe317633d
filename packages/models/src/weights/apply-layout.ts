import { FerBenchError } from "@fer-bench/artifacts";
import type { Graph } from "../graph/graph.ts";
import { parametersOf } from "../graph/parameters.ts";
import type { ParameterSource, WeightsLayout } from "./layout.ts";
import type { TensorFile } from "./tensor-file.ts";
import { describeProblems, shapeProblems, type Tensor } from "./weights.ts";

export interface LoadedWeights {
  weights: Map<string, Tensor>;
  /** Tensors of the file that the graph has no use for. */
  ignored: string[];
}

/**
 * A graph's weights from a file laid out so. Strict: every parameter has its tensor, of its shape, and no tensor is left
 * over but those that the layout ignores. Memory: the weights, and one tensor beside them. Errors: FerBenchError
 * ("bad-artifact") that lists missing, misshapen and surplus tensors, by their names in the file; those of
 * `TensorFile.read`.
 */
export async function applyLayout(
  graph: Graph,
  file: TensorFile,
  layout: WeightsLayout,
): Promise<LoadedWeights> {
  const { problems, ignored, names } = compareWithFile(graph, file, layout);
  if (problems.length > 0) {
    throw new FerBenchError("bad-artifact", describeProblems(graph, problems), {
      file: file.path,
      remedy: `Use a file that holds ${graph.name}, as ${layout.framework} saves it.`,
    });
  }
  const sources = layout.sources(graph, [...file.tensors.keys()]);
  const weights = new Map<string, Tensor>();
  for (const { name, shape } of parametersOf(graph)) {
    const source = sourceOf(sources, name, graph);
    const { data } = "constant" in source ? source.constant : await load(file, source, names);
    checkVariance(name, data, file);
    // A constant is the layout's, which all its users share.
    weights.set(name, { shape, data: "constant" in source ? data.slice() : data });
  }
  return { weights, ignored };
}

/**
 * What is missing, misshapen or surplus, in the file's names and shapes: nothing where the file fits; and the file's own
 * name of every tensor by its usual one.
 */
export function compareWithFile(graph: Graph, file: Pick<TensorFile, "tensors">, layout: WeightsLayout) {
  const sources = layout.sources(graph, [...file.tensors.keys()]);
  const expected = new Map<string, readonly number[]>();
  for (const { name, shape } of parametersOf(graph)) {
    const source = sourceOf(sources, name, graph);
    if ("tensor" in source) expected.set(source.tensor, source.order?.shapeInFile(shape) ?? shape);
  }
  const names = usualNames(file, layout);
  const ignored: string[] = [];
  const found = new Map<string, readonly number[]>();
  for (const [usual, name] of names) {
    if (!expected.has(usual) && layout.isIgnored?.(usual)) ignored.push(name);
    else found.set(usual, file.tensors.get(name)!.shape);
  }
  return { problems: shapeProblems(expected, found), ignored, names };
}

/** The file's names by the usual ones; a usual name goes to the first tensor that has it. */
function usualNames({ tensors }: Pick<TensorFile, "tensors">, layout: WeightsLayout): Map<string, string> {
  const names = new Map<string, string>();
  for (const name of tensors.keys()) {
    const usual = layout.usualName?.(name) ?? name;
    names.set(names.has(usual) ? name : usual, name);
  }
  return names;
}

async function load(
  file: TensorFile,
  { tensor: usual, order }: Extract<ParameterSource, { tensor: string }>,
  names: ReadonlyMap<string, string>,
): Promise<Tensor> {
  const tensor = await file.read(names.get(usual)!);
  return order?.toKeras(tensor) ?? tensor;
}

function sourceOf(
  sources: ReadonlyMap<string, ParameterSource>,
  name: string,
  graph: Graph,
): ParameterSource {
  const source = sources.get(name);
  if (source === undefined) {
    throw new FerBenchError("internal", `The layout has no source for ${name} of ${graph.name}.`);
  }
  return source;
}

/** A square root is taken of it. */
function checkVariance(name: string, data: Float32Array, { path }: TensorFile): void {
  if (!/\/(moving_)?variance$/.test(name)) return;
  const at = data.findIndex((value) => value < 0);
  if (at < 0) return;
  throw new FerBenchError("bad-data", `${name} holds ${data[at]}: a variance is not negative`, {
    file: path,
    field: name,
    remedy: "get the file again",
  });
}
