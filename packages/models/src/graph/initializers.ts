import { type Random, truncatedNormal, uniform } from "@fer-bench/artifacts";

/** How a parameter starts: Keras's VarianceScaling (variance = scale / fan), or one number everywhere. */
export type Initializer =
  | {
      kind: "varianceScaling";
      scale: number;
      mode: "fanIn" | "fanOut" | "fanAverage";
      distribution: "truncatedNormal" | "uniform";
    }
  | { kind: "constant"; value: number };

export const ZEROS: Initializer = { kind: "constant", value: 0 };
export const ONES: Initializer = { kind: "constant", value: 1 };

/** Glorot and Bengio (2010), Keras's default for dense layers. */
export const GLOROT_UNIFORM: Initializer = {
  kind: "varianceScaling",
  scale: 1,
  mode: "fanAverage",
  distribution: "uniform",
};

/** Standard deviation of a standard normal cut off at two: Keras divides by it to keep the variance asked for. */
const TRUNCATED_DEVIATION = 0.87962566103423978;

/** Draws a parameter of Keras's layout: [..., inputs, outputs], leading extents the receptive field. */
export function initialize(
  initializer: Initializer,
  shape: readonly number[],
  random: Random,
): Float32Array<ArrayBuffer> {
  const data = new Float32Array(shape.reduce((product, extent) => product * extent, 1));
  if (initializer.kind === "constant") return data.fill(initializer.value);
  const variance = initializer.scale / fan(initializer.mode, shape);
  if (initializer.distribution === "uniform") {
    const limit = Math.sqrt(3 * variance);
    for (let i = 0; i < data.length; i++) data[i] = uniform(random, -limit, limit);
  } else {
    const deviation = Math.sqrt(variance) / TRUNCATED_DEVIATION;
    for (let i = 0; i < data.length; i++) data[i] = deviation * truncatedNormal(random);
  }
  return data;
}

function fan(mode: "fanIn" | "fanOut" | "fanAverage", shape: readonly number[]): number {
  const receptiveField = shape.slice(0, -2).reduce((product, extent) => product * extent, 1);
  const fanIn = (shape.at(-2) ?? 1) * receptiveField;
  const fanOut = (shape.at(-1) ?? 1) * receptiveField;
  if (mode === "fanIn") return Math.max(1, fanIn);
  if (mode === "fanOut") return Math.max(1, fanOut);
  return Math.max(1, (fanIn + fanOut) / 2);
}
