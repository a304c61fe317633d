import type { Graph } from "../graph/graph.ts";
import { parametersOf } from "../graph/parameters.ts";
import { IMAGENET_NORMALIZATION } from "../weights/layout.ts";
import type { Tensor } from "../weights/weights.ts";

/*
 * Weights and pictures from a formula, so that a fixture need not hold them: what `formula.py` of tools/fixtures says in
 * Python.
 */

/** Numbers in [-1, 1) from a name and the index of each. */
function noise(name: string, count: number): Float64Array {
  let seed = 0x811c9dc5;
  for (const char of name) seed = Math.imul(seed ^ char.charCodeAt(0), 0x01000193);
  const numbers = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    let h = Math.imul(i + seed, 0x9e3779b1);
    h = Math.imul(h ^ (h >>> 15), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    numbers[i] = ((h ^ (h >>> 16)) >>> 0) / 2 ** 31 - 1;
  }
  return numbers;
}

/** A kernel of that fan in, or else what the name's last word says. */
export function formulaTensor(
  name: string,
  shape: readonly number[],
  { gamma, fanIn }: { gamma: number | null; fanIn: number | undefined },
): Tensor {
  const scaled = scaling(name, gamma, fanIn);
  const numbers = noise(name, product(shape));
  const data = new Float32Array(numbers.length);
  // A loop: `Float32Array.from` takes four times as long, and there are millions.
  for (let i = 0; i < data.length; i++) data[i] = scaled(numbers[i]!);
  return { shape, data };
}

function scaling(name: string, gamma: number | null, fanIn: number | undefined): (u: number) => number {
  if (fanIn !== undefined) {
    const limit = Math.sqrt(6 / fanIn);
    return (u) => u * limit;
  }
  const word = name.split(/[./]/).at(-1)!;
  if (word === "gamma" || word === "weight") return (u) => gamma! * (1 + 0.2 * u);
  if (word === "moving_variance" || word === "running_var") return (u) => 0.02 * (1 + 0.5 * u);
  return (u) => 0.1 * u;
}

/** Every parameter of the graph by its name; its normalization is ImageNet's. */
export function formulaWeights(graph: Graph, gamma: number): Map<string, Tensor> {
  return new Map(
    parametersOf(graph).map(({ name, shape }) => {
      const parameter = name.split("/")[1]!;
      const inputs = { kernel: shape.slice(0, -1), depthwise_kernel: shape.slice(0, 2) }[parameter];
      const drawn = () => formulaTensor(name, shape, { gamma, fanIn: inputs && product(inputs) });
      return [name, IMAGENET_NORMALIZATION.get(name) ?? drawn()];
    }),
  );
}

/** Slopes of their own for every picture and channel, and noise: [count, height, width, 3]. */
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

function product(extents: readonly number[]): number {
  return extents.reduce((total, extent) => total * extent, 1);
}
