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
  const expected = new Map(parametersOf(graph).map((parameter) => [parameter.name, parameter.shape]));
  const problems = shapeProblems(expected, new Map([...weights].map(([name, { shape }]) => [name, shape])));
  for (const [name, { shape, data }] of weights) {
    if (data.length !== size(shape)) problems.push(`${name} [${shape.join(", ")}] has ${data.length} values`);
  }
  if (problems.length === 0) return;
  throw new FerBenchError("bad-artifact", describeProblems(graph, problems), {
    file,
    remedy: "Use weights made for this architecture, its input channels and its head.",
  });
}

type Shapes = ReadonlyMap<string, readonly number[]>;

/** What is missing, misshapen or surplus, one line each. */
export function shapeProblems(expected: Shapes, found: Shapes): string[] {
  const problems: string[] = [];
  for (const [name, shape] of expected) {
    const other = found.get(name);
    if (other === undefined) problems.push(`missing ${name} [${shape.join(", ")}]`);
    else if (other.join() !== shape.join()) {
      problems.push(`${name} is [${other.join(", ")}], expected [${shape.join(", ")}]`);
    }
  }
  for (const name of found.keys()) if (!expected.has(name)) problems.push(`surplus ${name}`);
  return problems;
}

/** One sentence with the first problems. */
export function describeProblems(graph: Graph, problems: readonly string[]): string {
  const shown = problems.slice(0, 20);
  if (problems.length > shown.length) shown.push(`and ${problems.length - shown.length} more`);
  return `These weights are not ${graph.name}'s: ${shown.join("; ")}.`;
}

/** The tensor of that name; a FerBenchError ("bad-artifact") where it is missing. */
export function tensorOf(weights: Weights, name: string): Tensor {
  const tensor = weights.get(name);
  if (tensor === undefined) {
    throw new FerBenchError("bad-artifact", `The weights have no tensor ${name}.`, {
      field: name,
      remedy: "use weights made for this architecture",
    });
  }
  return tensor;
}

function size(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}
