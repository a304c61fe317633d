import { FerBenchError } from "@fer-bench/artifacts";
import { type Tensor, tensorOf, type Weights } from "../weights/weights.ts";

/**
 * Sets a Normalization layer's mean, variance (population) and count to those of feature rows, as Keras's `adapt`
 * does, and returns new weights. `blocks` are [rows, dimensions] arrays, row-major; means and variances are
 * accumulated in double precision by Welford's recurrence, so that one pass is enough.
 */
export async function adaptNormalization(
  weights: Weights,
  layer: string,
  blocks: Iterable<Float32Array> | AsyncIterable<Float32Array>,
): Promise<Map<string, Tensor>> {
  const dimensions = tensorOf(weights, `${layer}/mean`).data.length;
  const mean = new Float64Array(dimensions);
  const squares = new Float64Array(dimensions);
  let count = 0;
  for await (const block of blocks) {
    if (block.length % dimensions !== 0) {
      throw new FerBenchError("internal", `${block.length} values are no rows of ${dimensions} features.`);
    }
    for (let start = 0; start < block.length; start += dimensions) {
      count += 1;
      for (let i = 0; i < dimensions; i++) {
        const value = block[start + i]!;
        const deviation = value - mean[i]!;
        mean[i]! += deviation / count;
        squares[i]! += deviation * (value - mean[i]!);
      }
    }
  }
  if (count === 0) {
    throw new FerBenchError("bad-data", `${layer} cannot be adapted to no features at all.`, {
      remedy: "give it the features of one sample at least",
    });
  }
  return new Map(weights)
    .set(`${layer}/mean`, { shape: [dimensions], data: Float32Array.from(mean) })
    .set(`${layer}/variance`, {
      shape: [dimensions],
      data: Float32Array.from(squares, (sum) => sum / count),
    })
    .set(`${layer}/count`, { shape: [], data: Float32Array.of(count) });
}
