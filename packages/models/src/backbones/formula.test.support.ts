import type { Graph } from "../graph/graph.ts";
import { parametersOf } from "../graph/parameters.ts";
import type { Tensor } from "../weights/weights.ts";

/*
 * Weights and pictures from formulas, so that both sides of a comparison can make them: those of
 * tools/fixtures/torchvision_efficientnet.py.
 */

/** Numbers in [-1, 1) from a name and the index of each. */
function noise(name: string, count: number): Float64Array {
  let seed = 0x811c9dc5;
  for (const char of name) seed = Math.imul(seed ^ char.charCodeAt(0), 0x01000193);
  return Float64Array.from({ length: count }, (_, i) => {
    let h = Math.imul(i + seed, 0x9e3779b1);
    h = Math.imul(h ^ (h >>> 15), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    return ((h ^ (h >>> 16)) >>> 0) / 2 ** 31 - 1;
  });
}

export function formulaWeights(graph: Graph, gamma: number): Map<string, Tensor> {
  const product = (extents: readonly number[]) => extents.reduce((total, extent) => total * extent, 1);
  const IMAGENET = {
    mean: [0.485, 0.456, 0.406],
    variance: [0.229 ** 2, 0.224 ** 2, 0.225 ** 2],
    count: [0],
  };
  return new Map(
    parametersOf(graph).map(({ name, shape }) => {
      const [layer, kind] = name.split("/") as [string, string];
      if (layer === "normalization") {
        return [name, { shape, data: Float32Array.from(IMAGENET[kind as keyof typeof IMAGENET]) }];
      }
      const scales: Record<string, (u: number) => number> = {
        kernel: (u) => u * Math.sqrt(6 / product(shape.slice(0, -1))),
        depthwise_kernel: (u) => u * Math.sqrt(6 / product(shape.slice(0, 2))),
        gamma: (u) => gamma * (1 + 0.2 * u),
        moving_variance: (u) => 0.02 * (1 + 0.5 * u),
      };
      const scale = scales[kind] ?? ((u: number) => 0.1 * u);
      return [name, { shape, data: Float32Array.from(noise(name, product(shape)), scale) }];
    }),
  );
}

export function formulaPictures(count: number, height: number, width: number): Uint8Array {
  const slopes = noise("slopes", count * 6);
  const grain = noise("grain", count * height * width * 3);
  return Uint8Array.from(grain, (value, i) => {
    const channel = i % 3;
    const x = Math.floor(i / 3) % width;
    const y = Math.floor(i / (3 * width)) % height;
    const slope = (Math.floor(i / (3 * width * height)) * 3 + channel) * 2;
    const plane = 128 + slopes[slope]! * (x - width / 2) * 2 + slopes[slope + 1]! * (y - height / 2) * 2;
    return Math.min(255, Math.max(0, Math.floor(plane + 20 * value)));
  });
}
