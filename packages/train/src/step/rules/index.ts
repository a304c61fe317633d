import type { LayerKind } from "@fer-bench/models";
import type { StepRule } from "../step-builder.ts";
import { activation } from "./activation.ts";
import { batchNorm } from "./batch-norm.ts";
import { conv2d } from "./convolution.ts";
import { dense } from "./dense.ts";
import { depthwiseConv2d } from "./depthwise.ts";
import { add, dropout, multiply } from "./elementwise.ts";
import { input, normalization, repeatChannels, rescaling, reshape } from "./pictures.ts";
import { adaptiveAveragePool2d, globalAveragePool, maxPool2d, resize } from "./pooling.ts";

/** The forward and the backward pass of every kind of layer. */
export const STEP_RULES: { [Kind in LayerKind]: StepRule<Kind> } = {
  input,
  repeatChannels,
  rescaling,
  normalization,
  conv2d,
  depthwiseConv2d,
  batchNorm,
  activation,
  globalAveragePool,
  maxPool2d,
  adaptiveAveragePool2d,
  resize,
  reshape,
  dense,
  dropout,
  add,
  multiply,
};
