import type { Graph } from "../graph/graph.ts";
import type { Tensor } from "./weights.ts";

/** Where a parameter of a graph comes from: a tensor of a file, turned into Keras's layout, or a fixed value. */
export type ParameterSource =
  | {
      /** The tensor's name in the file. */
      tensor: string;
      /** Turns the file's layout into Keras's; absent where they are the same. */
      convert?: (tensor: Tensor) => Tensor;
    }
  | { constant: Tensor };

/** How one framework's files name and lay out the parameters of an architecture. */
export interface WeightsLayout {
  /** Whose names they are. */
  framework: "keras" | "torchvision" | "timm";
  /** The source of every parameter of the graph, by `layer/parameter`. */
  sources(graph: Graph): ReadonlyMap<string, ParameterSource>;
  /** Tensors that such files hold and the graph has no use for, as a counter of batches or another classifier. */
  isIgnored?(tensor: string): boolean;
}

/** PyTorch's convolution [outputs, inputs, height, width] as Keras's [height, width, inputs, outputs]. */
export function fromOihw({ shape, data }: Tensor): Tensor {
  const [outputs, inputs, height, width] = shape as [number, number, number, number];
  const area = height * width;
  const turned = new Float32Array(data.length);
  for (let output = 0; output < outputs; output++) {
    for (let input = 0; input < inputs; input++) {
      for (let tap = 0; tap < area; tap++) {
        turned[(tap * inputs + input) * outputs + output] = data[(output * inputs + input) * area + tap]!;
      }
    }
  }
  return { shape: [height, width, inputs, outputs], data: turned };
}

/** PyTorch's depthwise convolution [channels, 1, height, width] as Keras's [height, width, channels, 1]. */
export function fromDepthwise(tensor: Tensor): Tensor {
  const { shape, data } = fromOihw(tensor);
  const [height, width, , channels] = shape as [number, number, number, number];
  return { shape: [height, width, channels, 1], data };
}

/** PyTorch's dense layer [outputs, inputs] as Keras's [inputs, outputs]. */
export function fromLinear({ shape, data }: Tensor): Tensor {
  const [outputs, inputs] = shape as [number, number];
  const turned = new Float32Array(data.length);
  for (let output = 0; output < outputs; output++) {
    for (let input = 0; input < inputs; input++) {
      turned[input * outputs + output] = data[output * inputs + input]!;
    }
  }
  return { shape: [inputs, outputs], data: turned };
}
