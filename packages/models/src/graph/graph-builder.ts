import { FerBenchError } from "@fer-bench/artifacts";
import { defineGraph, type Graph } from "./graph.ts";
import type { Initializer } from "./initializers.ts";
import type { Activation, Layer, Shape } from "./layers.ts";
import { allAround, NO_PADDING, type Padding } from "./padding.ts";
import { inferShape } from "./shapes.ts";

/** What holds in the whole of an architecture. */
export interface Conventions {
  /** Of convolutions' kernels. */
  initializer: Initializer;
  batchNorm?: { epsilon: number; momentum: number };
}

interface ConvOptions {
  filters: number;
  /** Side of the square kernel, in pixels. */
  kernel: number;
  /** 1 where absent, as no padding, no bias and no activation. */
  stride?: number;
  padding?: Padding;
  bias?: boolean;
  activation?: Activation;
  initializer?: Initializer;
  biasInitializer?: Initializer;
}

interface DenseOptions {
  units: number;
  activation?: Activation;
  initializer: Initializer;
  biasInitializer?: Initializer;
}

/** Appends layers one by one and knows their shapes, on which padding and the like depend. Each call gives the name. */
export class GraphBuilder {
  readonly #conventions: Conventions;
  readonly #layers: Layer[] = [];
  readonly #shapes = new Map<string, Shape>();

  constructor(conventions: Conventions) {
    this.#conventions = conventions;
  }

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

  conv(name: string, input: string, options: ConvOptions): string {
    const {
      kernel,
      stride = 1,
      padding = NO_PADDING,
      bias = false,
      activation = "linear",
      ...rest
    } = options;
    return this.add({
      kind: "conv2d",
      name,
      inputs: [input],
      kernel: [kernel, kernel],
      strides: [stride, stride],
      padding,
      bias,
      activation,
      initializer: this.#conventions.initializer,
      ...rest,
    });
  }

  depthwise(
    name: string,
    input: string,
    options: Pick<ConvOptions, "kernel" | "stride" | "padding">,
  ): string {
    const { kernel, stride = 1, padding = NO_PADDING } = options;
    return this.add({
      kind: "depthwiseConv2d",
      name,
      inputs: [input],
      kernel: [kernel, kernel],
      strides: [stride, stride],
      padding,
      bias: false,
      initializer: this.#conventions.initializer,
    });
  }

  /** Keras's SeparableConv2D of 3x3 pixels, padded to the same size: two layers here, the second of that name. */
  separable(name: string, input: string, filters: number): string {
    const x = this.depthwise(`${name}_depthwise`, input, { kernel: 3, padding: allAround(1) });
    return this.conv(name, x, { filters, kernel: 1 });
  }

  batchNorm(name: string, input: string): string {
    const { batchNorm } = this.#conventions;
    if (batchNorm === undefined)
      throw new FerBenchError("internal", `${name}: no batch norms were expected.`);
    return this.add({ kind: "batchNorm", name, inputs: [input], ...batchNorm });
  }

  activation(name: string, input: string, activation: Activation): string {
    return this.add({ kind: "activation", name, inputs: [input], activation });
  }

  relu(name: string, input: string): string {
    return this.activation(name, input, "relu");
  }

  maxPool(
    name: string,
    input: string,
    options: { window: number; stride: number; padding?: Padding },
  ): string {
    const { window, stride, padding = NO_PADDING } = options;
    return this.add({
      kind: "maxPool2d",
      name,
      inputs: [input],
      window: [window, window],
      strides: [stride, stride],
      padding,
    });
  }

  globalAveragePool(name: string, input: string): string {
    return this.add({ kind: "globalAveragePool", name, inputs: [input] });
  }

  addition(name: string, first: string, second: string): string {
    return this.add({ kind: "add", name, inputs: [first, second] });
  }

  dropout(name: string, input: string, rate: number): string {
    return this.add({ kind: "dropout", name, inputs: [input], rate, perSample: false });
  }

  /** A dense layer with a bias, linear unless said otherwise. */
  dense(name: string, input: string, options: DenseOptions): string {
    return this.add({ kind: "dense", name, inputs: [input], bias: true, activation: "linear", ...options });
  }
}
