import { adaptNormalization, type Tensor, tensorOf, type Weights } from "@fer-bench/models";
import { featureBlocks } from "./feature-blocks.ts";
import type { FeatureRows } from "./feature-rows.ts";

/** Below this share of its mean, a feature's deviation is the rounding of 32-bit numbers. */
const SMALLEST_DEVIATION = 1e-6;
const BLOCK = 1024;

/**
 * Adapts a head's Normalization layer to all rows. A feature that never varies gets variance 1: it is centred, and a
 * test sample that differs in it is not blown up.
 */
export async function adaptStandardization(
  weights: Weights,
  layer: string,
  rows: FeatureRows,
): Promise<Map<string, Tensor>> {
  const adapted = await adaptNormalization(weights, layer, featureBlocks(rows, BLOCK));
  const { data: mean } = tensorOf(adapted, `${layer}/mean`);
  const { shape, data: variance } = tensorOf(adapted, `${layer}/variance`);
  const varies = (v: number, d: number) => Math.sqrt(v) > SMALLEST_DEVIATION * Math.abs(mean[d]!);
  return adapted.set(`${layer}/variance`, { shape, data: variance.map((v, d) => (varies(v, d) ? v : 1)) });
}
