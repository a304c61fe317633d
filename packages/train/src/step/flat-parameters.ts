import {
  type Graph,
  type ParameterSpec,
  parametersOf,
  sizeOf,
  type Tensor,
  tensorOf,
  type Weights,
} from "@fer-bench/models";
import { transpose } from "../transpose.ts";

/*
 * A training step takes and gives three vectors instead of hundreds of tensors: what it costs to hand a tensor over
 * would otherwise be a good part of a step, and an optimizer is a dozen operators over a vector.
 */

export type Floats = Float32Array<ArrayBuffer>;

/** Where a parameter lies in its vector. */
export interface FlatParameter {
  /** `layer/parameter` */
  name: string;
  offset: number;
  /**
   * As the step sees it: kernels are matrices [outputs, inputs], of convolutions with the taps before the inputs,
   * depthwise ones [channels, taps]; others have one extent.
   */
  shape: readonly number[];
}

/** The parameters of a graph that a step changes. */
export interface FlatParameters {
  /** Trainable kernels, which weight decay acts on. */
  kernels: readonly FlatParameter[];
  /** Trainable gains, offsets and biases, which it does not. */
  vectors: readonly FlatParameter[];
  /** Moving means and variances of the batch norms that are in training mode. */
  statistics: readonly FlatParameter[];
}

export const FLAT_GROUPS = ["kernels", "vectors", "statistics"] as const;
export type FlatGroup = (typeof FLAT_GROUPS)[number];

/** Lays out what `isTrainable` says of each layer; the statistics of a trainable batch norm move, too. */
export function flatParameters(graph: Graph, isTrainable: (layer: string) => boolean): FlatParameters {
  const changed = parametersOf(graph).filter(({ layer }) => isTrainable(layer));
  const trainable = changed.filter((parameter) => parameter.trainable);
  return {
    kernels: layOut(trainable.filter(({ shape }) => shape.length > 1)),
    vectors: layOut(trainable.filter(({ shape }) => shape.length === 1)),
    statistics: layOut(changed.filter(({ name }) => isStatistic(name))),
  };
}

/** Whether a parameter is a moving statistic of a batch norm. */
export function isStatistic(name: string): boolean {
  return /\/moving_(mean|variance)$/.test(name);
}

function layOut(parameters: readonly ParameterSpec[]): FlatParameter[] {
  let offset = 0;
  return parameters.map(({ name, shape }) => {
    const parameter = { name, offset, shape: flatShape(name, shape) };
    offset += sizeOf(shape);
    return parameter;
  });
}

/** Elements of a vector. */
export function flatLength(parameters: readonly FlatParameter[]): number {
  return parameters.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}

/** [..., inputs, outputs] as [outputs, ...]; a depthwise kernel [height, width, channels, 1] as [channels, taps]. */
export function flatShape(name: string, shape: readonly number[]): number[] {
  if (shape.length < 2) return [...shape];
  const rows = name.endsWith("/depthwise_kernel") ? shape.at(-2)! : shape.at(-1)!;
  return [rows, sizeOf(shape) / rows];
}

/** A tensor in Keras's layout as the step sees it. */
export function toFlat(name: string, { shape, data }: Tensor): Floats {
  const [rows, columns] = flatShape(name, shape);
  return columns === undefined ? data : transpose(data, columns, rows!);
}

/** One vector of the group's tensors. */
export function packParameters(parameters: readonly FlatParameter[], weights: Weights): Floats {
  const packed = new Float32Array(flatLength(parameters));
  for (const { name, offset } of parameters) packed.set(toFlat(name, tensorOf(weights, name)), offset);
  return packed;
}

/** The group's tensors in Keras's layout, shaped as those of `like`. */
export function unpackParameters(
  parameters: readonly FlatParameter[],
  packed: Floats,
  like: Weights,
): Map<string, Tensor> {
  return new Map(
    parameters.map(({ name, offset, shape: flat }) => {
      const { shape } = tensorOf(like, name);
      const data = packed.slice(offset, offset + sizeOf(shape));
      return [name, { shape, data: shape.length < 2 ? data : transpose(data, flat[0]!, flat[1]!) }];
    }),
  );
}
