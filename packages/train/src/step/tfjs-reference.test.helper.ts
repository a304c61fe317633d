import "@tensorflow/tfjs-backend-cpu";
// For its side effect: it registers the gradients of all kernels.
import "@tensorflow/tfjs-layers";
import type { AxisMatrix, Layer, Model, Tensor } from "@fer-bench/models";
import { parametersOf, resamplingMatrices, shapeOf } from "@fer-bench/models";
import * as tf from "@tensorflow/tfjs-core";

/*
 * The step's independent twin: the layer graph run by TensorFlow.js on its plain JavaScript backend, batch norm in
 * training mode, and gradients by its automatic differentiation.
 */

export interface ReferenceRequest {
  model: Model;
  isTrainable: (layer: string) => boolean;
  samples: Uint8Array | Float32Array;
  batch: number;
  /** [batch, classes] */
  targets: Float32Array;
  /** [batch] */
  weights: Float32Array;
  /** Factors of each dropout layer by its name, [batch] with `perSample`, else [batch, channels]. */
  masks?: ReadonlyMap<string, Float32Array>;
}

export interface Reference {
  loss: number;
  /** [batch, classes] */
  logits: Float32Array;
  gradients: Map<string, Float32Array>;
  /** Batch means and variances of the batch norms in training mode. */
  statistics: Map<string, Float32Array>;
}

/** Loss, logits and the gradient of every trainable parameter, in Keras's layouts. */
export async function referenceGradients(request: ReferenceRequest): Promise<Reference> {
  await tf.setBackend("cpu");
  const { model, isTrainable, batch } = request;
  const variables = new Map<string, tf.Variable>();
  const statistics = new Map<string, Float32Array>();
  let logits = new Float32Array();
  for (const { name, layer, trainable } of parametersOf(model.graph)) {
    const { shape, data } = model.weights.get(name) as Tensor;
    variables.set(name, tf.variable(tf.tensor(data, [...shape]), trainable && isTrainable(layer)));
  }
  const variableOf = (layer: string, parameter: string): tf.Tensor => variables.get(`${layer}/${parameter}`)!;
  const lossOf = (): tf.Scalar => {
    const values = new Map<string, tf.Tensor>();
    for (const layer of model.graph.layers) {
      const inputs = layer.inputs.map((name) => values.get(name)!);
      values.set(layer.name, forward(layer, inputs, { request, variableOf, statistics }));
    }
    const output = values.get(model.graph.layers.at(-1)!.name)!;
    logits = output.dataSync() as Float32Array<ArrayBuffer>;
    const targets = tf.tensor(request.targets, output.shape as [number, number]);
    const perSample = tf.neg(tf.sum(tf.mul(targets, tf.logSoftmax(output)), 1));
    return tf.mean(tf.mul(perSample, tf.tensor(request.weights, [batch])));
  };
  const { value, grads } = tf.variableGrads(lossOf);
  const gradients = new Map<string, Float32Array>();
  for (const [name, variable] of variables) {
    const gradient = grads[variable.name];
    if (gradient) gradients.set(name, gradient.dataSync() as Float32Array);
  }
  const loss = value.dataSync()[0]!;
  for (const variable of variables.values()) variable.dispose();
  return { loss, logits, gradients, statistics };
}

interface Context {
  request: ReferenceRequest;
  variableOf(layer: string, parameter: string): tf.Tensor;
  statistics: Map<string, Float32Array>;
}

function forward(layer: Layer, [x, second]: readonly tf.Tensor[], context: Context): tf.Tensor {
  const { request, variableOf, statistics } = context;
  const { graph } = request.model;
  const of = (parameter: string) => variableOf(layer.name, parameter);
  switch (layer.kind) {
    case "input":
      return tf.tensor(Float32Array.from(request.samples), [request.batch, ...layer.shape]);
    case "repeatChannels":
      return tf.concat(Array<tf.Tensor>(layer.times).fill(x!), 3);
    case "rescaling":
      return tf.add(tf.mul(x!, tf.tensor1d([layer.scale].flat())), tf.tensor1d([layer.offset ?? 0].flat()));
    case "normalization":
      return tf.div(tf.sub(x!, of("mean")), tf.maximum(tf.sqrt(of("variance")), 1e-7));
    case "conv2d": {
      const y = tf.conv2d(padded(layer, x!), of("kernel") as tf.Tensor4D, [...layer.strides], "valid");
      return activate(layer.activation, layer.bias ? tf.add(y, of("bias")) : y);
    }
    case "depthwiseConv2d": {
      const kernel = of("depthwise_kernel") as tf.Tensor4D;
      const y = tf.depthwiseConv2d(padded(layer, x!), kernel, [...layer.strides], "valid");
      return layer.bias ? tf.add(y, of("bias")) : y;
    }
    case "batchNorm": {
      const axes = x!.shape.map((_, axis) => axis).slice(0, -1);
      const trained = request.isTrainable(layer.name);
      const moments = tf.moments(x!, axes);
      const mean = trained ? moments.mean : of("moving_mean");
      const variance = trained ? moments.variance : of("moving_variance");
      if (trained) {
        statistics.set(`${layer.name}/moving_mean`, mean.dataSync() as Float32Array);
        statistics.set(`${layer.name}/moving_variance`, variance.dataSync() as Float32Array);
      }
      const deviation = tf.sqrt(tf.add(variance, layer.epsilon));
      return tf.add(tf.mul(tf.div(tf.sub(x!, mean), deviation), of("gamma")), of("beta"));
    }
    case "activation":
      return activate(layer.activation, x!);
    case "globalAveragePool":
      return tf.mean(x!, [1, 2]);
    case "maxPool2d": {
      // Padded by what no value falls below, where the layer pads by -infinity.
      const lowest = tf.min(x!).dataSync()[0]! - 1;
      const larger = padded(layer, x!, lowest);
      return tf.maxPool(larger, [...layer.window], [...layer.strides], "valid");
    }
    case "adaptiveAveragePool2d":
    case "resize": {
      const { rows, columns } = resamplingMatrices(layer, x!.shape.slice(1));
      return alongAxis(columns, alongAxis(rows, x!, 1), 2);
    }
    case "reshape":
      return tf.reshape(x!, [request.batch, ...layer.shape]);
    case "dense": {
      const y = tf.matMul(x as tf.Tensor2D, of("kernel") as tf.Tensor2D);
      return activate(layer.activation, layer.bias ? tf.add(y, of("bias")) : y);
    }
    case "dropout": {
      const mask = request.masks!.get(layer.name)!;
      const channels = graph.shapes.get(layer.name)!.at(-1)!;
      const rank = x!.shape.length;
      const shape = [request.batch, ...Array<number>(rank - 2).fill(1), layer.perSample ? 1 : channels];
      return tf.mul(x!, tf.tensor(mask, shape));
    }
    case "add":
      return tf.add(x!, second!);
    case "multiply":
      return tf.mul(x!, second!);
    default:
      throw new Error(
        `no reference for ${(layer as Layer).kind} of ${shapeOf(graph, (layer as Layer).name)}`,
      );
  }
}

/** A linear map of one axis of a picture: the axis to the front, a matrix product, and back. */
function alongAxis({ to, from, data }: AxisMatrix, x: tf.Tensor, axis: number): tf.Tensor {
  const order = [axis, ...[0, 1, 2, 3].filter((other) => other !== axis)];
  const front = tf.transpose(x, order);
  const product = tf.matMul(
    tf.tensor2d(Float32Array.from(data), [to, from]),
    tf.reshape(front, [from, -1]) as tf.Tensor2D,
  );
  const back = order.map((_, place) => order.indexOf(place));
  return tf.transpose(tf.reshape(product, [to, ...front.shape.slice(1)]), back);
}

type Padded = Extract<Layer, { kind: "conv2d" | "depthwiseConv2d" | "maxPool2d" }>;

function padded({ padding: { top, bottom, left, right } }: Padded, x: tf.Tensor, value = 0): tf.Tensor4D {
  const around: [number, number][] = [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ];
  return tf.pad(x, around, value) as tf.Tensor4D;
}

function activate(kind: string, x: tf.Tensor): tf.Tensor {
  switch (kind) {
    case "linear":
      return x;
    case "relu":
      return tf.relu(x);
    case "sigmoid":
      return tf.sigmoid(x);
    case "tanh":
      return tf.tanh(x);
    case "swish":
      return tf.mul(x, tf.sigmoid(x));
    default:
      throw new Error(`no reference for ${kind}`);
  }
}
