import { type Graph, shapeOf } from "./graph.ts";
import { sizeOf } from "./shapes.ts";

/**
 * Floating-point operations of one sample's inference, two a multiply-add, of convolutions and dense layers alone:
 * the count that tables of networks give (theirs are often multiply-adds, half of this).
 */
export function countFlops(graph: Graph): number {
  let multiplyAdds = 0;
  for (const layer of graph.layers) {
    const output = shapeOf(graph, layer.name);
    if (layer.kind === "conv2d") {
      const channels = shapeOf(graph, layer.inputs[0]!).at(-1)!;
      multiplyAdds += sizeOf(output) * layer.kernel[0] * layer.kernel[1] * channels;
    } else if (layer.kind === "depthwiseConv2d") {
      multiplyAdds += sizeOf(output) * layer.kernel[0] * layer.kernel[1];
    } else if (layer.kind === "dense") {
      multiplyAdds += layer.units * sizeOf(shapeOf(graph, layer.inputs[0]!));
    }
  }
  return 2 * multiplyAdds;
}
