import { type Graph, shapeOf } from "../graph/graph.ts";
import type { Layer, Shape } from "../graph/layers.ts";
import { parametersOf } from "../graph/parameters.ts";
import type { Tensor } from "./weights.ts";

/** Where a parameter of a graph comes from: a tensor of a file, turned into Keras's layout, or a fixed value. */
export type ParameterSource =
  | {
      /** The tensor's name in the file. */
      tensor: string;
      /** How the file lays it out; absent where as Keras does. */
      order?: ArrayOrder;
    }
  | { constant: Tensor };

/** How one framework's files name and lay out the parameters of an architecture. */
export interface WeightsLayout {
  /** Whose names they are. */
  framework: "keras" | "torchvision" | "timm";
  /** The source of every parameter of the graph, by `layer/parameter`, in a file of these tensors, in its order. */
  sources(graph: Graph, tensors: readonly string[]): ReadonlyMap<string, ParameterSource>;
  /** Tensors that such files hold and the graph has no use for, as a counter of batches or another classifier. */
  isIgnored?(tensor: string): boolean;
  /** The usual name of a tensor whose name depends on what else was made in the session that saved it. */
  usualName?(tensor: string): string;
}

/** An order of an array's axes other than Keras's. */
export interface ArrayOrder {
  /** The shape that the file has where Keras has `shape`. */
  shapeInFile(shape: readonly number[]): readonly number[];
  /** The file's array in Keras's order. */
  toKeras(tensor: Tensor): Tensor;
}

/** PyTorch's convolution [outputs, inputs, height, width]; Keras's is [height, width, inputs, outputs]. */
export const OIHW: ArrayOrder = {
  shapeInFile: ([height, width, inputs, outputs]) => [outputs!, inputs!, height!, width!],
  toKeras({ shape, data }) {
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
  },
};

/** PyTorch's depthwise convolution [channels, 1, height, width]; Keras's is [height, width, channels, 1]. */
export const DEPTHWISE: ArrayOrder = {
  shapeInFile: ([height, width, channels]) => [channels!, 1, height!, width!],
  toKeras(tensor) {
    const { shape, data } = OIHW.toKeras(tensor);
    const [height, width, , channels] = shape as [number, number, number, number];
    return { shape: [height, width, channels, 1], data };
  },
};

/** PyTorch's dense layer [outputs, inputs]; Keras's is [inputs, outputs]. */
export const LINEAR: ArrayOrder = {
  shapeInFile: ([inputs, outputs]) => [outputs!, inputs!],
  toKeras({ shape, data }) {
    const [outputs, inputs] = shape as [number, number];
    const turned = new Float32Array(data.length);
    for (let output = 0; output < outputs; output++) {
      for (let input = 0; input < inputs; input++) {
        turned[input * outputs + output] = data[output * inputs + input]!;
      }
    }
    return { shape: [inputs, outputs], data: turned };
  },
};

/** PyTorch's dense layer behind a picture [channels, height, width] flattened; Keras's flattens [height, width, channels]. */
export function flattenedLinear(picture: Shape): ArrayOrder {
  const [height, width, channels] = picture as [number, number, number];
  const pixels = height * width;
  return {
    ...LINEAR,
    toKeras({ shape, data }) {
      const [outputs, inputs] = shape as [number, number];
      const turned = new Float32Array(data.length);
      for (let output = 0; output < outputs; output++) {
        for (let input = 0; input < inputs; input++) {
          const place = (input % pixels) * channels + Math.floor(input / pixels);
          turned[place * outputs + output] = data[output * inputs + input]!;
        }
      }
      return { shape: [inputs, outputs], data: turned };
    },
  };
}

/** PyTorch's names for the parameters of a batch norm. */
const BATCH_NORM_NAMES: Readonly<Record<string, string>> = {
  gamma: "weight",
  beta: "bias",
  moving_mean: "running_mean",
  moving_variance: "running_var",
};

/**
 * A graph's parameters under PyTorch's names and orders. `module` gives the module's name for each layer that has
 * parameters; `preprocessing` the parameters that no such file holds, as the Normalization layer's.
 */
export function torchSources(
  graph: Graph,
  module: (layer: string) => string,
  preprocessing: ReadonlyMap<string, Tensor>,
): Map<string, ParameterSource> {
  const kinds = new Map(graph.layers.map(({ name, kind }) => [name, kind]));
  return new Map(
    parametersOf(graph).map(({ name, layer }): [string, ParameterSource] => {
      const constant = preprocessing.get(name);
      if (constant !== undefined) return [name, { constant }];
      const parameter = name.slice(layer.length + 1);
      switch (kinds.get(layer)) {
        case "batchNorm":
          return [name, { tensor: `${module(layer)}.${BATCH_NORM_NAMES[parameter]}` }];
        case "depthwiseConv2d":
          return [name, torchSource(module(layer), parameter, DEPTHWISE)];
        case "dense":
          return [name, torchSource(module(layer), parameter, denseOrder(graph, layer))];
        default:
          return [name, torchSource(module(layer), parameter, OIHW)];
      }
    }),
  );
}

function torchSource(module: string, parameter: string, order: ArrayOrder): ParameterSource {
  return parameter === "bias" ? { tensor: `${module}.bias` } : { tensor: `${module}.weight`, order };
}

function denseOrder(graph: Graph, dense: string): ArrayOrder {
  let layer = layerOf(graph, dense);
  do layer = layerOf(graph, layer.inputs[0]!);
  while (layer.kind === "dropout" || layer.kind === "activation");
  const shape = layer.kind === "reshape" ? shapeOf(graph, layer.inputs[0]!) : [];
  return shape.length === 3 ? flattenedLinear(shape) : LINEAR;
}

function layerOf(graph: Graph, name: string): Layer {
  return graph.layers.find((layer) => layer.name === name)!;
}

/** torchvision's files of a graph whose layers have its modules' names; `classifier` is the last one. */
export function torchvisionLayout(classifier: string): WeightsLayout {
  return {
    framework: "torchvision",
    sources: (graph) => torchSources(graph, (layer) => layer, new Map()),
    isIgnored: (tensor) => isBatchCounter(tensor) || tensor.startsWith(`${classifier}.`),
  };
}

/** PyTorch's counter of the batches that a batch norm has seen. */
export function isBatchCounter(tensor: string): boolean {
  return tensor.endsWith(".num_batches_tracked");
}

/**
 * What torchvision's and timm's ImageNet models do to RGB pixels scaled to 0..1, as the parameters of the layer
 * `normalization`: (x - mean) / std.
 */
export const IMAGENET_NORMALIZATION: ReadonlyMap<string, Tensor> = new Map([
  ["normalization/mean", { shape: [3], data: Float32Array.of(0.485, 0.456, 0.406) }],
  ["normalization/variance", { shape: [3], data: Float32Array.of(0.229 ** 2, 0.224 ** 2, 0.225 ** 2) }],
  ["normalization/count", { shape: [], data: Float32Array.of(0) }],
]);

/**
 * Keras's files hold a graph of Keras's layer names as it is; `isIgnored` says what else, as a classifier. Keras numbers
 * layers that were given no name by the session's count, and of those a graph here has only the Normalization layer.
 */
export function kerasLayout(isIgnored?: (tensor: string) => boolean): WeightsLayout {
  return {
    framework: "keras",
    sources: (graph) => new Map(parametersOf(graph).map(({ name }) => [name, { tensor: name }])),
    usualName: (tensor) => tensor.replace(/^normalization_\d+\//, "normalization/"),
    ...(isIgnored && { isIgnored }),
  };
}

/**
 * Keras's files of a graph whose layers come in the order in which Keras saves them. As Keras does, tensors are taken by
 * their order and not by their names, which are those of the session, or of the version, that saved them.
 * `constants` are parameters that Keras's layers do not have; the classifier may be there without being used.
 */
export function kerasOrderLayout(constants: ReadonlyMap<string, Tensor> = new Map()): WeightsLayout {
  return {
    framework: "keras",
    sources(graph, tensors) {
      let next = 0;
      return new Map(
        parametersOf(graph).map(({ name }): [string, ParameterSource] => {
          const constant = constants.get(name);
          return [name, constant ? { constant } : { tensor: tensors[next++] ?? name }];
        }),
      );
    },
    isIgnored: (tensor) => /^(predictions|fc\d+|dense(_\d+)?)\//.test(tensor),
  };
}
