import { FerBenchError } from "@fer-bench/artifacts";
import {
  type Device,
  type Layer,
  type LayerKind,
  type LayerOfKind,
  type Model,
  OnnxGraph,
  type Shape,
  sizeOf,
  tensorOf,
  type Value,
} from "@fer-bench/models";
import { type Columns, joinParts, partSizes, settle, split } from "./columns.ts";
import {
  FLAT_GROUPS,
  type FlatGroup,
  type FlatParameter,
  type FlatParameters,
  flatLength,
  flatParameters,
  flatShape,
  toFlat,
} from "./flat-parameters.ts";
import { GpuGraph } from "./gpu-graph.ts";

/** A layer's output in the step. */
export interface Activation extends Columns {
  readonly layer: string;
  /** Of one sample, as in the graph. */
  readonly shape: Shape;
  /** Whether a trained parameter lies in it or before it, or it is watched itself, so that its gradient is of use. */
  readonly trained: boolean;
}

/** What a layer gives, and how the gradient of that becomes the gradient of each of its inputs. */
export interface Forward {
  columns: Columns;
  /**
   * Called once with the sum of the gradients of all readers, only where the layer is trained; adds the gradients of
   * the layer's own parameters to the step. Undefined for an input that is not trained.
   */
  backward(gradient: Columns): (Columns | undefined)[];
}

/** Appends one layer's forward pass; its `backward` appends the way back. */
export type StepRule<Kind extends LayerKind> = (
  layer: LayerOfKind<Kind>,
  inputs: readonly Activation[],
  step: StepBuilder,
) => Forward;

/** A random factor that a step needs: what the input `name` has to hold, [channels, 1, N]. */
export interface NoiseInput {
  name: string;
  /** Share of zeros; the rest is 1 / (1 - rate). */
  rate: number;
  /** 1 where a whole sample is dropped or kept. */
  channels: number;
}

/** The random factor of a dropout layer's input of this shape. */
export function noiseOf({ name, rate, perSample }: LayerOfKind<"dropout">, shape: Shape): NoiseInput {
  return { name: `${name}/mask`, rate, channels: perSample ? 1 : shape.at(-1)! };
}

/** What of a network is laid down, and for what. */
export interface NetworkOptions {
  /** Samples a batch. */
  batch: number;
  /** The layers whose parameters change, and whose batch norms are in training mode, by name. */
  isTrainable: (layer: string) => boolean;
  /** What the step runs on; default `cpu`. */
  device?: Device;
}

/** The ONNX graph of one step as it grows: parameters in, gradients collected. */
export class StepBuilder {
  readonly onnx: OnnxGraph;
  readonly model: Model;
  /** Samples a batch. */
  readonly batch: number;
  /** Whether the forms of the operators are those for a GPU. */
  readonly onGpu: boolean;
  readonly flat: FlatParameters;
  readonly isTrainable: (layer: string) => boolean;
  readonly noise: NoiseInput[] = [];
  /** The vectors that come in; there is none of what the network does not have. */
  readonly groups = new Map<FlatGroup, { packed: Value; length: number }>();
  readonly #parameters = new Map<string, Value>();
  readonly #constants = new Map<string, Value>();
  readonly #changes = new Map<string, Value[]>();

  constructor(model: Model, options: NetworkOptions) {
    this.onGpu = options.device !== undefined && options.device !== "cpu";
    this.onnx = new (this.onGpu ? GpuGraph : OnnxGraph)(`${model.graph.name}-step`);
    this.model = model;
    this.batch = options.batch;
    this.isTrainable = options.isTrainable;
    this.flat = flatParameters(model.graph, options.isTrainable);
    for (const group of FLAT_GROUPS) {
      const length = flatLength(this.flat[group]);
      if (length === 0) continue;
      const packed = this.onnx.input(group, "float32", [length]);
      this.groups.set(group, { packed, length });
    }
  }

  /** Cuts the vectors up, once, and only in a graph that looks into them. */
  #unpackAll(): void {
    for (const [group, { packed }] of this.groups) {
      if (group !== "statistics") this.#unpack(this.flat[group], packed);
    }
  }

  #unpack(parameters: readonly FlatParameter[], packed: Value): void {
    const values = split(
      this.onnx,
      packed,
      parameters.map(({ shape }) => sizeOf(shape)),
      0,
    );
    parameters.forEach(({ name, shape }, i) => {
      const value = shape.length === 1 ? values[i]! : this.reshape(values[i]!, ...shape);
      this.#parameters.set(name, value);
    });
  }

  /** A parameter as the step sees it (`FlatParameter`); a constant where its layer is not trained. */
  parameter(name: string): Value {
    if (this.#parameters.size === 0) this.#unpackAll();
    let value = this.#parameters.get(name);
    if (value === undefined) {
      const tensor = tensorOf(this.model.weights, name);
      value = this.onnx.floats(toFlat(name, tensor), flatShape(name, tensor.shape), name);
      this.#parameters.set(name, value);
    }
    return value;
  }

  /** A kernel's rows, or with axis 1 its columns, in parts of these sizes. */
  kernelParts(name: string, sizes: readonly number[], axis: 0 | 1): Value[] {
    return split(this.onnx, this.parameter(name), sizes, axis);
  }

  /** A parameter of one number a channel, in parts [channels, 1, 1] of these sizes. */
  channelParts(name: string, sizes: readonly number[]): Value[] {
    return split(this.onnx, this.parameter(name), sizes, 0).map((part) => this.reshape(part, -1, 1, 1));
  }

  /** Sets a trained parameter's gradient: its elements in order, in as many pieces as there are. */
  gradient(name: string, pieces: readonly Value[]): void {
    this.#change(name, pieces);
  }

  /** Sets the batch's value of a moving statistic: its elements in order. */
  statistic(name: string, pieces: readonly Value[]): void {
    this.#change(name, pieces);
  }

  #change(name: string, pieces: readonly Value[]): void {
    if (this.#changes.has(name)) throw new FerBenchError("internal", `${name} has two gradients in a step.`);
    this.#changes.set(
      name,
      pieces.map((piece) => this.reshape(piece, -1)),
    );
  }

  /** The gradients (of `statistics`: the batch's values) of a group as one vector, laid out as the group. */
  collected(group: FlatGroup): Value {
    const pieces = this.flat[group].flatMap(({ name, shape }) => {
      const change = this.#changes.get(name);
      return change ?? [this.onnx.floats(new Float32Array(sizeOf(shape)), [sizeOf(shape)], `${name}/zero`)];
    });
    return pieces.length === 1 ? pieces[0]! : this.onnx.node("Concat", pieces, { axis: 0 });
  }

  /** A constant that several layers may share, made once. */
  constant(key: string, make: () => [data: Float32Array, shape: number[]]): Value {
    let value = this.#constants.get(key);
    if (value === undefined) {
      const [data, shape] = make();
      value = this.onnx.floats(data, shape, "constant");
      this.#constants.set(key, value);
    }
    return value;
  }

  noiseInput(noise: NoiseInput): Value {
    this.noise.push(noise);
    return this.onnx.input(noise.name, "float32", [noise.channels, 1, this.batch]);
  }

  /** How the channels of a layer of so many pixels are cut into parts: for a processor's cache, which a GPU has not. */
  partSizes(channels: number, pixels: number): number[] {
    return this.onGpu ? [channels] : partSizes(channels, pixels, this.batch);
  }

  reshape(value: Value, ...shape: readonly number[]): Value {
    return this.onnx.node("Reshape", [value, this.onnx.integers(...shape)]);
  }

  /** A gradient with the pixels of its layer, where it may have come as one that counts for all of them. */
  everyPixel(gradient: Columns, pixels: number): Columns {
    if (gradient.pixels === pixels) return gradient;
    const parts = gradient.parts.map((part, i) =>
      this.onnx.node("Expand", [part, this.onnx.integers(gradient.sizes[i]!, pixels, this.batch)]),
    );
    return { ...gradient, parts, pixels };
  }

  /** The sum of two gradients of one layer. */
  sum(first: Columns, second: Columns): Columns {
    const [a, b] = [settle(this.onnx, first), settle(this.onnx, second)];
    const [left, right] =
      a.sizes.join() === b.sizes.join() ? [a, b] : [joinParts(this.onnx, a), joinParts(this.onnx, b)];
    return {
      parts: left.parts.map((part, i) => this.onnx.node("Add", [part, right.parts[i]!])),
      sizes: left.sizes,
      pixels: Math.max(a.pixels, b.pixels),
    };
  }
}

/** What a layer does to each part by itself. */
export function mapParts(columns: Columns, of: (part: Value, index: number) => Value): Columns {
  return { ...columns, parts: columns.parts.map(of) };
}

/** Refuses a layer that the step cannot train, with the reason. */
export function refuseLayer(layer: Layer, why: string): never {
  throw new FerBenchError("internal", `Layer ${layer.name} (${layer.kind}) cannot be trained: ${why}.`);
}
