import type * as core from "@tensorflow/tfjs-core";
import type * as layers from "@tensorflow/tfjs-layers";

/** What is used of TensorFlow.js's namespace. */
export type TensorFlow = Pick<
  typeof core,
  | "backend"
  | "div"
  | "enableProdMode"
  | "matMul"
  | "maxPool"
  | "maximum"
  | "reshape"
  | "serialization"
  | "setBackend"
  | "sqrt"
  | "sub"
  | "tensor"
  | "tidy"
> &
  Pick<typeof layers, "initializers" | "input" | "layers" | "model">;

export type LayersModel = layers.LayersModel;
export type SymbolicTensor = layers.SymbolicTensor;
export type KerasLayer = InstanceType<typeof layers.layers.Layer>;
