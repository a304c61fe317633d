import { FerBenchError } from "@fer-bench/artifacts";
import { type Layer, type LayerKind, type LayerOfKind, shapeOf } from "@fer-bench/models";
import { type Columns, joinParts, pixelsOf, settle } from "./columns.ts";
import { patchesOf } from "./rules/convolution.ts";
import { STEP_RULES } from "./rules/index.ts";
import { linearNorm } from "./rules/linear-norm.ts";
import { readsNeighbours } from "./rules/neighbour-convolution.ts";
import type { Activation, Forward, StepBuilder, StepRule } from "./step-builder.ts";

/** One entry of the way back: whose gradient it takes, and whose it gives. */
interface Tape {
  output: string;
  inputs: readonly string[];
  backward: Forward["backward"];
  /** Takes gradients with gains pending. */
  foldsGains: boolean;
}

const FOLD_GAINS: ReadonlySet<LayerKind> = new Set(["conv2d", "depthwiseConv2d"]);

/** A network whose forward pass is laid down. */
export interface NetworkPass {
  /** Of the last layer. */
  output: Activation;
  /** Of each layer by its name. */
  activations: ReadonlyMap<string, Activation>;
  /** Lays down the way back, once: from the gradient of the last layer's output to those of the watched layers' outputs. */
  backward(gradient: Columns): ReadonlyMap<string, Columns>;
}

/**
 * Lays down a whole network: the forward pass now, the way back when `backward` is called. It goes as far as there are
 * trained parameters and layers in `watched`.
 */
export function layDownNetwork(step: StepBuilder, watched: ReadonlySet<string> = new Set()): NetworkPass {
  const activations = new Map<string, Activation>();
  const tape: Tape[] = [];
  const { graph } = step.model;
  const layers = [...graph.layers];
  for (let layer = layers.shift(); layer !== undefined; layer = layers.shift()) {
    const norm = layers[0];
    const fused = norm !== undefined && canFuse(layer, norm, step) ? norm : undefined;
    if (fused !== undefined) layers.shift();
    const last = fused ?? layer;
    const inputs = layer.inputs.map((name) => activations.get(name)!);
    const isReached =
      inputs.some((x) => x.trained) ||
      hasTrained(layer, step) ||
      (fused !== undefined && hasTrained(fused, step));
    const { columns, backward } =
      fused !== undefined ? fusedForward(layer, fused, inputs[0]!, step) : applyStepRule(layer, inputs, step);
    const trained = isReached || watched.has(last.name);
    activations.set(last.name, { ...columns, layer: last.name, shape: shapeOf(graph, last.name), trained });
    const foldsGains = fused === undefined && FOLD_GAINS.has(layer.kind);
    if (isReached) tape.push({ output: last.name, inputs: layer.inputs, backward, foldsGains });
  }
  const output = activations.get(graph.layers.at(-1)!.name)!;
  return {
    output,
    activations,
    backward(gradient) {
      const gradients = goBack(step, activations, tape, new Map([[output.layer, gradient]]));
      return new Map([...watched].map((name) => [name, gradients.get(name)!]));
    },
  };
}

/** Adds to the gradient of the last layer those of all that the tape reaches. */
function goBack(
  step: StepBuilder,
  activations: ReadonlyMap<string, Activation>,
  tape: readonly Tape[],
  gradients: Map<string, Columns>,
): ReadonlyMap<string, Columns> {
  for (const { output: name, inputs, backward, foldsGains } of tape.toReversed()) {
    const incoming = gradients.get(name);
    if (incoming === undefined) throw new FerBenchError("internal", `Nothing reads layer ${name}.`);
    backward(foldsGains ? incoming : settle(step.onnx, incoming)).forEach((ofInput, i) => {
      const input = inputs[i]!;
      if (ofInput === undefined || !activations.get(input)!.trained) return;
      const before = gradients.get(input);
      gradients.set(input, before ? step.sum(before, ofInput) : ofInput);
    });
  }
  return gradients;
}

function applyStepRule(layer: Layer, inputs: readonly Activation[], step: StepBuilder): Forward {
  const rule = STEP_RULES[layer.kind] as StepRule<LayerKind>;
  return rule(layer as never, inputs, step);
}

function hasTrained(layer: Layer, step: StepBuilder): boolean {
  return (
    step.isTrainable(layer.name) && ["conv2d", "depthwiseConv2d", "dense", "batchNorm"].includes(layer.kind)
  );
}

type Convolution = LayerOfKind<"conv2d">;
type Norm = LayerOfKind<"batchNorm">;

/**
 * Bytes that a pass over memory moves in the time of one floating-point operation of a product (10 GB/s to 100 GFLOP/s
 * a core, measured), times the 36 bytes that batch norm's passes take a value more than the products in their place.
 */
const FLOPS_OF_PASSES = 360;

/** A convolution that widens enough for `linearNorm` to pay, and the batch norm that alone reads it, in training. */
function canFuse(layer: Layer, norm: Layer, step: StepBuilder): norm is Norm {
  if (layer.kind !== "conv2d" || norm.kind !== "batchNorm" || norm.inputs[0] !== layer.name) return false;
  const { graph } = step.model;
  const readers = graph.layers.filter(({ inputs }) => inputs.includes(layer.name)).length;
  const inputs = layer.kernel[0] * layer.kernel[1] * shapeOf(graph, layer.inputs[0]!).at(-1)!;
  const values = pixelsOf(shapeOf(graph, layer.name)) * step.batch;
  return (
    readers === 1 &&
    step.isTrainable(layer.name) &&
    step.isTrainable(norm.name) &&
    !readsNeighbours(layer, step) &&
    !layer.bias &&
    layer.activation === "linear" &&
    inputs < layer.filters &&
    // What linearNorm works out on [inputs, inputs] and [filters, inputs] more than a product needs.
    4 * inputs ** 2 * (layer.filters + values) < FLOPS_OF_PASSES * layer.filters * values
  );
}

function fusedForward(layer: Layer, norm: Layer, x: Activation, step: StepBuilder): Forward {
  const convolution = layer as Convolution;
  const patches = patchesOf(convolution, x, step);
  const description = { linear: layer.name, outputs: convolution.filters, norm: norm as Norm };
  const { columns, backward } = linearNorm(step, description, patches.columns);
  return {
    columns,
    backward(gradient) {
      const dp = backward(gradient, { ofInput: x.trained });
      return [dp && patches.backward(joinParts(step.onnx, dp))];
    },
  };
}
