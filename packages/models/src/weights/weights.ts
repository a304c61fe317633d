import { createRandom, FerBenchError } from "@fer-bench/artifacts";
import type { Graph } from "../graph/graph.ts";
import { initialize } from "../graph/initializers.ts";
import { parametersOf } from "../graph/parameters.ts";

/** A named array, row-major. */
export interface Tensor {
  shape: readonly number[];
  data: Float32Array<ArrayBuffer>;
}

/** The parameters of a graph by `layer/parameter`. */
export type Weights = ReadonlyMap<string, Tensor>;

/** Weights drawn by each parameter's initialiser; every parameter has a stream of its own, so order plays no part. */
export function randomWeights(graph: Graph, seed: number): Map<string, Tensor> {
  return new Map(
    parametersOf(graph).map(({ name, shape, initializer }) => [
      name,
      { shape, data: initialize(initializer, shape, createRandom(seed, "weights", name)) },
    ]),
  );
}

/** Throws a FerBenchError ("bad-artifact") that lists missing, misshapen and surplus tensors. */
export function checkWeights(graph: Graph, weights: Weights, file?: string): void {
  const problems: string[] = [];
  const expected = new Map(parametersOf(graph).map((parameter) => [parameter.name, parameter.shape]));
  for (const [name, shape] of expected) {
    const tensor = weights.get(name);
    if (tensor === undefined) problems.push(`missing ${name} [${shape.join(", ")}]`);
    else if (tensor.shape.join() !== shape.join() || tensor.data.length !== size(shape)) {
      problems.push(`${name} is [${tensor.shape.join(", ")}], expected [${shape.join(", ")}]`);
    }
  }
  for (const name of weights.keys()) if (!expected.has(name)) problems.push(`surplus ${name}`);
  if (problems.length === 0) return;
  const shown = problems.slice(0, 20);
  if (problems.length > shown.length) shown.push(`and ${problems.length - shown.length} more`);
  throw new FerBenchError("bad-artifact", `These weights are not ${graph.name}'s: ${shown.join("; ")}.`, {
    file,
    remedy: "Use weights made for this architecture, its input channels and its head.",
  });
}

/** The tensor of that name; a FerBenchError ("bad-artifact") where it is missing. */
export function tensorOf(weights: Weights, name: string): Tensor {
  const tensor = weights.get(name);
  if (tensor === undefined) throw new FerBenchError("bad-artifact", `The weights have no tensor ${name}.`);
  return tensor;
}

function size(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}
