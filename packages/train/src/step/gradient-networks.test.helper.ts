import { defineGraph, type Graph, type Layer, padding } from "@fer-bench/models";

const initializer = {
  kind: "varianceScaling",
  scale: 2,
  mode: "fanIn",
  distribution: "truncatedNormal",
} as const;
const linear = { activation: "linear", initializer } as const;

/** Layers between a picture and a classifier of three classes; each reads the one before unless it says otherwise. */
function network(size: readonly [number, number, number], middle: readonly object[]): Graph {
  const layers: Layer[] = [{ kind: "input", name: "input", inputs: [], shape: size, dtype: "float32" }];
  for (const layer of middle) layers.push({ inputs: [layers.at(-1)!.name], ...layer } as object as Layer);
  if (!layers.some(({ name }) => name === "pool"))
    layers.push({ kind: "globalAveragePool", name: "pool", inputs: [layers.at(-1)!.name] });
  layers.push({
    kind: "dense",
    name: "classes",
    inputs: [layers.at(-1)!.name],
    units: 3,
    bias: true,
    ...linear,
  });
  return defineGraph("small", layers);
}

function conv(
  name: string,
  filters: number,
  kernel: number,
  pad: ReturnType<typeof padding>,
  stride = 1,
  more = {},
) {
  return {
    kind: "conv2d",
    name,
    filters,
    kernel: [kernel, kernel],
    strides: [stride, stride],
    padding: pad,
    bias: false,
    ...linear,
    ...more,
  };
}

function depthwise(name: string, kernel: number, pad: ReturnType<typeof padding>, stride = 1, bias = false) {
  return {
    kind: "depthwiseConv2d",
    name,
    kernel: [kernel, kernel],
    strides: [stride, stride],
    padding: pad,
    bias,
    initializer,
  };
}

const norm = (name: string) => ({ kind: "batchNorm", name, epsilon: 1e-3, momentum: 0.9 });
const act = (name: string, activation: string) => ({ kind: "activation", name, activation });
const none = padding("tensorflow", 1, 1, 1, 1);
const same = (size: number, kernel: number, stride: number) =>
  padding("tensorflow", size, size, kernel, stride);
const symmetric = (size: number, kernel: number, stride: number) =>
  padding("symmetric", size, size, kernel, stride);

/** A network for every kind of layer, and for every form that its rule has. */
export const NETWORKS: Record<string, Graph> = {
  "1x1 convolution with bias and swish": network(
    [6, 5, 4],
    [conv("c", 5, 1, none, 1, { bias: true, activation: "swish" })],
  ),
  "3x3 convolution": network([7, 7, 3], [conv("a", 4, 1, none), conv("b", 6, 3, same(7, 3, 1))]),
  "3x3 and 5x5 convolutions with bias and activation, of several parts": network(
    [24, 23, 1],
    [
      conv("a", 232, 3, padding("tensorflow", 24, 23, 3, 1), 1, { bias: true, activation: "swish" }),
      norm("n"),
      conv("b", 2, 5, padding("symmetric", 24, 23, 5, 1)),
      norm("m"),
    ],
  ),
  "3x3 convolution that pads nothing": network([7, 6, 3], [conv("a", 4, 1, none), conv("b", 5, 3, none)]),
  "3x3 convolution, stride 2": network([8, 8, 3], [conv("a", 4, 1, none), conv("b", 6, 3, same(8, 3, 2), 2)]),
  "3x3 convolution, stride 2, symmetric padding": network(
    [7, 7, 3],
    [conv("a", 4, 1, none), conv("b", 6, 3, symmetric(7, 3, 2), 2)],
  ),
  "1x1 convolution, stride 2": network([6, 6, 3], [conv("a", 4, 1, none), conv("b", 6, 1, none, 2)]),
  "a convolution that narrows parts": network(
    [24, 24, 3],
    [conv("a", 64, 1, none, 1, { activation: "sigmoid" }), conv("b", 5, 1, none, 1, { bias: true })],
  ),
  "depthwise 3x3, small": network(
    [6, 6, 3],
    [conv("a", 5, 1, none), depthwise("d", 3, same(6, 3, 1), 1, true)],
  ),
  "depthwise 5x5, small, stride 2": network(
    [5, 5, 3],
    [conv("a", 5, 1, none), depthwise("d", 5, same(5, 5, 2), 2)],
  ),
  "depthwise 3x3, large": network(
    [16, 13, 3],
    [conv("a", 5, 1, none), depthwise("d", 3, padding("tensorflow", 16, 13, 3, 1))],
  ),
  "depthwise 5x5, large": network(
    [13, 16, 3],
    [conv("a", 5, 1, none), depthwise("d", 5, padding("tensorflow", 13, 16, 5, 1), 1, true)],
  ),
  "depthwise 3x3, large, stride 2": network(
    [18, 18, 3],
    [conv("a", 5, 1, none), depthwise("d", 3, same(18, 3, 2), 2)],
  ),
  "depthwise 5x5, large, stride 2, symmetric padding": network(
    [17, 17, 3],
    [conv("a", 5, 1, none), depthwise("d", 5, symmetric(17, 5, 2), 2)],
  ),
  "batch norm behind a convolution that narrows": network(
    [6, 6, 3],
    [conv("a", 9, 1, none), conv("b", 4, 1, none), norm("n"), act("r", "swish")],
  ),
  "batch norm behind one that widens": network(
    [6, 6, 3],
    [conv("a", 4, 1, none), conv("b", 9, 1, none), norm("n"), act("r", "swish")],
  ),
  "batch norm behind a stem": network(
    [9, 9, 1],
    [conv("a", 12, 3, same(9, 3, 2), 2), norm("n"), act("r", "swish")],
  ),
  "batch norm first": network([6, 6, 3], [norm("n"), act("r", "tanh")]),
  "batch norm of vectors": network(
    [5, 5, 3],
    [conv("a", 4, 1, none), { kind: "globalAveragePool", name: "pool" }, norm("n")],
  ),
  relu: network(
    [5, 5, 3],
    [conv("a", 4, 1, none, 1, { activation: "relu" }), conv("b", 4, 1, none), act("r", "relu")],
  ),
  "sigmoid and tanh": network(
    [5, 5, 3],
    [conv("a", 4, 1, none, 1, { activation: "sigmoid" }), conv("b", 4, 1, none, 1, { activation: "tanh" })],
  ),
  "squeeze and excite": network(
    [6, 6, 3],
    [
      conv("a", 8, 1, none, 1, { activation: "swish" }),
      { kind: "globalAveragePool", name: "squeeze" },
      { kind: "reshape", name: "as-picture", shape: [1, 1, 8] },
      conv("reduce", 2, 1, none, 1, { bias: true, activation: "swish" }),
      conv("expand", 8, 1, none, 1, { bias: true, activation: "sigmoid" }),
      { kind: "multiply", name: "excite", inputs: ["a", "expand"] },
    ],
  ),
  "a way around, with stochastic depth": network(
    [6, 6, 3],
    [
      conv("a", 4, 1, none),
      conv("b", 4, 3, same(6, 3, 1)),
      { kind: "dropout", name: "drop", rate: 0.4, perSample: true },
      { kind: "add", name: "sum", inputs: ["a", "drop"] },
    ],
  ),
  "a product of equals": network(
    [5, 5, 3],
    [
      conv("a", 4, 1, none),
      conv("b", 4, 1, none, 1, { inputs: ["input"] }),
      { kind: "multiply", name: "m", inputs: ["a", "b"] },
    ],
  ),
  "flattened pixels, hidden layer and dropout": network(
    [4, 3, 3],
    [
      conv("a", 4, 1, none),
      { kind: "reshape", name: "pool", shape: [48] },
      { kind: "dense", name: "hidden", units: 7, bias: true, ...linear, activation: "relu" },
      { kind: "dropout", name: "drop", rate: 0.5, perSample: false },
    ],
  ),
  "max pooling 3x3, stride 2, symmetric padding": network(
    [9, 8, 3],
    [
      conv("a", 4, 1, none),
      {
        kind: "maxPool2d",
        name: "m",
        window: [3, 3],
        strides: [2, 2],
        padding: { top: 1, left: 1, bottom: 1, right: 1 },
      },
    ],
  ),
  "max pooling 2x2, stride 2": network(
    [7, 8, 3],
    [conv("a", 4, 1, none), { kind: "maxPool2d", name: "m", window: [2, 2], strides: [2, 2], padding: none }],
  ),
  "adaptive pooling to fewer pixels, and to more": network(
    [7, 5, 3],
    [
      conv("a", 4, 1, none),
      { kind: "adaptiveAveragePool2d", name: "fewer", size: [3, 2] },
      { kind: "adaptiveAveragePool2d", name: "more", size: [4, 7] },
    ],
  ),
  "bicubic enlarging behind parameters": network(
    [5, 6, 3],
    [
      conv("a", 4, 1, none),
      { kind: "resize", name: "larger", size: [8, 9], interpolation: "bicubic" },
      conv("b", 4, 3, padding("tensorflow", 8, 9, 3, 1)),
    ],
  ),
  "normalization and rescaling behind parameters": network(
    [5, 5, 3],
    [
      conv("a", 4, 1, none),
      { kind: "normalization", name: "standardize" },
      { kind: "rescaling", name: "scale", scale: [0.5, 2, 1, -1], offset: 0.3 },
    ],
  ),
};
