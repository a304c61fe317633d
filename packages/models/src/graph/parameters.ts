import { type Graph, shapeOf } from "./graph.ts";
import { type Initializer, ONES, ZEROS } from "./initializers.ts";
import type { Layer } from "./layers.ts";

/** A parameter of a layer, in Keras's names and layouts: HWIO, depthwise [k, k, C, 1], dense [in, out]. */
export interface ParameterSpec {
  /** `layer/parameter`, for example `stem_conv/kernel`. */
  name: string;
  layer: string;
  shape: readonly number[];
  initializer: Initializer;
  /** False for moving statistics and normalization constants. */
  trainable: boolean;
}

/** Every parameter of the graph, in layer order. */
export function parametersOf(graph: Graph): ParameterSpec[] {
  return graph.layers.flatMap((layer) => {
    const input = layer.inputs[0];
    const channels = input === undefined ? 0 : shapeOf(graph, input).at(-1)!;
    return parametersOfLayer(layer, channels).map(([parameter, shape, initializer, trainable]) => ({
      name: `${layer.name}/${parameter}`,
      layer: layer.name,
      shape,
      initializer,
      trainable,
    }));
  });
}

/** Number of elements of all parameters, as Keras's `count_params` counts them. */
export function countParameters(graph: Graph, options: { trainableOnly?: boolean } = {}): number {
  return parametersOf(graph)
    .filter((parameter) => parameter.trainable || !options.trainableOnly)
    .reduce((sum, { shape }) => sum + shape.reduce((product, extent) => product * extent, 1), 0);
}

type Row = [parameter: string, shape: readonly number[], initializer: Initializer, trainable: boolean];

function parametersOfLayer(layer: Layer, channels: number): Row[] {
  switch (layer.kind) {
    case "conv2d":
      return [
        ["kernel", [...layer.kernel, channels, layer.filters], layer.initializer, true],
        ...biasOf(layer.bias, layer.filters, layer.biasInitializer),
      ];
    case "depthwiseConv2d":
      return [
        ["depthwise_kernel", [...layer.kernel, channels, 1], layer.initializer, true],
        ...biasOf(layer.bias, channels),
      ];
    case "dense":
      return [
        ["kernel", [channels, layer.units], layer.initializer, true],
        ...biasOf(layer.bias, layer.units, layer.biasInitializer),
      ];
    case "batchNorm":
      return [
        ["gamma", [channels], ONES, true],
        ["beta", [channels], ZEROS, true],
        ["moving_mean", [channels], ZEROS, false],
        ["moving_variance", [channels], ONES, false],
      ];
    case "normalization":
      return [
        ["mean", [channels], ZEROS, false],
        ["variance", [channels], ONES, false],
        ["count", [], ZEROS, false],
      ];
    default:
      return [];
  }
}

function biasOf(bias: boolean, units: number, initializer = ZEROS): Row[] {
  return bias ? [["bias", [units], initializer, true]] : [];
}
