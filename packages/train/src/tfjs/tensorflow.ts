import type * as core from "@tensorflow/tfjs-core";
import type * as layers from "@tensorflow/tfjs-layers";

/** What training uses of TensorFlow.js's namespace. */
export type TensorFlow = Pick<
  typeof core,
  | "add"
  | "dispose"
  | "div"
  | "keep"
  | "logSoftmax"
  | "mean"
  | "mul"
  | "neg"
  | "scalar"
  | "serialization"
  | "sqrt"
  | "square"
  | "sub"
  | "sum"
  | "tensor"
  | "tidy"
  | "train"
  | "variable"
  | "variableGrads"
> &
  Pick<typeof layers, "layers" | "model">;

export type LayersModel = layers.LayersModel;
export type KerasLayer = InstanceType<typeof layers.layers.Layer>;
export type Tensor = core.Tensor;
export type Variable = core.Variable;
