import { FerBenchError } from "@fer-bench/artifacts";
import type { InputLayer, Layer, Shape } from "./layers.ts";
import { inferShape } from "./shapes.ts";

/** A network as data: layers in topological order, the first the input, the last the output. */
export interface Graph {
  /** The architecture, for example `efficientnet-b0`. */
  name: string;
  layers: readonly Layer[];
  /** Output shape of each layer by its name. */
  shapes: ReadonlyMap<string, Shape>;
}

/** Checks names and inputs, and infers every shape. */
export function defineGraph(name: string, layers: readonly Layer[]): Graph {
  const shapes = new Map<string, Shape>();
  for (const layer of layers) {
    if (shapes.has(layer.name)) {
      throw new FerBenchError("internal", `Graph ${name} has two layers named ${layer.name}.`);
    }
    const inputs = layer.inputs.map((input) => {
      const shape = shapes.get(input);
      if (shape === undefined) {
        throw new FerBenchError(
          "internal",
          `Layer ${layer.name} of ${name} reads ${input}, which is not before it.`,
        );
      }
      return shape;
    });
    shapes.set(layer.name, inferShape(layer, inputs));
  }
  if (layers[0]?.kind !== "input" || layers.slice(1).some((layer) => layer.kind === "input")) {
    throw new FerBenchError("internal", `Graph ${name} must begin with its one input.`);
  }
  return { name, layers, shapes };
}

export function inputOf(graph: Graph): InputLayer {
  return graph.layers[0] as InputLayer;
}

export function outputOf(graph: Graph): Layer {
  return graph.layers.at(-1)!;
}

export function shapeOf(graph: Graph, layer: string): Shape {
  const shape = graph.shapes.get(layer);
  if (shape === undefined) throw new FerBenchError("internal", `Graph ${graph.name} has no layer ${layer}.`);
  return shape;
}

/** Shape of one sample's output. */
export function outputShape(graph: Graph): Shape {
  return shapeOf(graph, outputOf(graph).name);
}

/** One graph that feeds `first`'s output to `second`: a backbone and its head. */
export function joinGraphs(name: string, first: Graph, second: Graph): Graph {
  const replaced = inputOf(second);
  if (replaced.shape.join() !== outputShape(first).join()) {
    throw new FerBenchError(
      "internal",
      `${second.name} reads [${replaced.shape.join(", ")}], but ${first.name} gives [${outputShape(first).join(", ")}].`,
    );
  }
  const output = outputOf(first).name;
  const appended = second.layers.slice(1).map((layer) => ({
    ...layer,
    inputs: layer.inputs.map((input) => (input === replaced.name ? output : input)),
  }));
  return defineGraph(name, [...first.layers, ...appended]);
}
