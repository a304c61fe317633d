// A batch as the runtime's tensors, in plain JavaScript for the worker threads (replica-worker.mjs) as for the rest.
import { Tensor } from "onnxruntime-node";

/**
 * What a graph of a step is given and gives of a batch.
 * @typedef {object} BatchLayout
 * @property {readonly number[]} shape of the samples, [N, ...]
 * @property {number} classes
 * @property {readonly import("./step-builder.ts").NoiseInput[]} noise
 */

/** @param {Float32Array} data @param {readonly number[]} shape */
export function floats(data, shape) {
  return new Tensor("float32", data, [...shape]);
}

/**
 * What a graph is given of one batch, but its scalars.
 * @param {BatchLayout} layout
 * @param {Omit<import("./step-runner.ts").BatchFeeds, "scalars">} feeds
 * @returns {Record<string, Tensor>}
 */
export function batchTensors({ shape, classes, noise }, { samples, targets, weights, masks }) {
  const batch = shape[0];
  /** @type {Record<string, Tensor>} */
  const tensors = {
    samples:
      samples instanceof Uint8Array ? new Tensor("uint8", samples, [...shape]) : floats(samples, shape),
    targets: floats(targets, [batch, classes]),
    weights: floats(weights, [batch]),
  };
  noise.forEach(({ name, channels }, i) => {
    tensors[name] = floats(masks[i], [channels, 1, batch]);
  });
  return tensors;
}

/**
 * Where a graph's loss and logits [N, classes] go; to be fetched after all else, in the graph's order.
 * @param {Pick<BatchLayout, "shape" | "classes">} layout
 */
export function resultTensors({ shape, classes }) {
  const batch = shape[0];
  const loss = new Float32Array(1);
  const logits = new Float32Array(batch * classes);
  return {
    loss,
    logits,
    fetches: { "step/loss": floats(loss, []), "step/logits": floats(logits, [batch, classes]) },
  };
}
