import { outputOf, outputShape } from "../graph/graph.ts";
import { checkWeights } from "../weights/weights.ts";
import {
  CHANNEL_FIRST_RULES,
  channelFirstLayers,
  fromChannelFirst,
  toChannelFirst,
} from "./channel-first-rules.ts";
import type { Model } from "./fold.ts";
import { applyRule, type LoweringContext } from "./lowering.ts";
import { NCHW_RULES, rowsOf } from "./nchw-rules.ts";
import { type OnnxDescription, OnnxGraph, type Opset, type Value } from "./onnx-graph.ts";

export interface LowerOptions {
  /** Samples a run, or a name for a free dimension. */
  batch: number | string;
  /**
   * How small pictures deep in the network are laid out. `channels` (default for 16 samples or more a run) makes
   * their convolutions matrix products over the whole batch; `images` keeps one image after the other, the only way
   * with a free batch. The results differ by rounding.
   */
  layout?: "channels" | "images" | undefined;
  /** Default 18. */
  opset?: Opset;
  /** Stores kernels in 16 bits; the graph works in 32. Default false. */
  half?: boolean;
  /** What the output is called; default `output`. */
  output?: string;
  /** Texts by name for the file's metadata, beside the architecture's. */
  metadata?: Readonly<Record<string, string>>;
  description?: OnnxDescription;
}

/** Fewer images than this make matrices too narrow to gain from. */
const SMALLEST_CHANNEL_FIRST_BATCH = 16;

/**
 * A layer graph as an ONNX model of standard operators: input as the graph's, pictures uint8 [N, height, width,
 * channels], and one output [N, ...]. `foldForInference` first makes it fast.
 */
export function lowerForInference(model: Model, options: LowerOptions): Uint8Array {
  checkWeights(model.graph, model.weights);
  const { metadata, description } = options;
  return inferenceGraph(model, options).toBytes({ architecture: model.graph.name, ...metadata }, description);
}

/** What `lowerForInference` makes a file of. */
export function inferenceGraph(
  model: Model,
  options: Omit<LowerOptions, "metadata" | "description">,
): OnnxGraph {
  const { batch, layout, opset, half, output = "output" } = options;
  const { graph } = model;
  const onnx = new OnnxGraph(graph.name, { opset, halfKernels: half });
  const context: LoweringContext = { onnx, model, batch };
  const byChannels =
    typeof batch === "number" &&
    (layout ?? (batch >= SMALLEST_CHANNEL_FIRST_BATCH ? "channels" : "images")) === "channels";
  const channelFirst = byChannels ? channelFirstLayers(graph) : new Set<string>();

  const values = new LayoutValues(context);
  for (const layer of graph.layers) {
    if (channelFirst.has(layer.name)) {
      const inputs = layer.inputs.map((input) => values.channelFirst(input));
      values.channelFirstValues.set(layer.name, applyRule(CHANNEL_FIRST_RULES, layer, inputs, context));
    } else {
      const inputs = layer.inputs.map((input) => values.nchw(input));
      values.nchwValues.set(layer.name, applyRule(NCHW_RULES, layer, inputs, context));
    }
  }
  const shape = outputShape(graph);
  const rows = rowsOf(values.nchw(outputOf(graph).name), shape, onnx);
  onnx.output(output, rows, "float32", [batch, ...shape]);
  return onnx;
}

/** The value of each layer in the layouts it is needed in, converted once. */
class LayoutValues {
  readonly nchwValues = new Map<string, Value>();
  readonly channelFirstValues = new Map<string, Value>();
  readonly #context: LoweringContext;

  constructor(context: LoweringContext) {
    this.#context = context;
  }

  nchw(name: string): Value {
    let value = this.nchwValues.get(name);
    if (value === undefined) {
      value = fromChannelFirst(name, this.channelFirstValues.get(name)!, this.#context);
      this.nchwValues.set(name, value);
    }
    return value;
  }

  channelFirst(name: string): Value {
    let value = this.channelFirstValues.get(name);
    if (value === undefined) {
      value = toChannelFirst(name, this.nchwValues.get(name)!, this.#context);
      this.channelFirstValues.set(name, value);
    }
    return value;
  }
}
