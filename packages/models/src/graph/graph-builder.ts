import { FerBenchError } from "@fer-bench/artifacts";
import { defineGraph, type Graph } from "./graph.ts";
import type { Layer, Shape } from "./layers.ts";
import { inferShape } from "./shapes.ts";

/** Appends layers one by one and knows their shapes, on which padding and the like depend. */
export class GraphBuilder {
  readonly #layers: Layer[] = [];
  readonly #shapes = new Map<string, Shape>();

  /** Appends a layer; gives its name, for the next to read. */
  add(layer: Layer): string {
    const inputs = layer.inputs.map((input) => this.shapeOf(input));
    this.#layers.push(layer);
    this.#shapes.set(layer.name, inferShape(layer, inputs));
    return layer.name;
  }

  shapeOf(name: string): Shape {
    const shape = this.#shapes.get(name);
    if (shape === undefined) throw new FerBenchError("internal", `There is no layer ${name} so far.`);
    return shape;
  }

  /** The layers so far as a graph. */
  finish(name: string): Graph {
    return defineGraph(name, this.#layers);
  }
}
