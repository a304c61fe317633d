import { checkWeights, type Model, outputShape } from "@fer-bench/models";
import { joinParts, settle } from "../step/columns.ts";
import { layDownNetwork } from "../step/network-pass.ts";
import { StepBuilder } from "../step/step-builder.ts";
import type { MapLayer } from "./map-layers.ts";

/*
 * Activation maps as one ONNX graph, by the training step's own rules of each layer.
 *
 *   in   samples [N, ...input shape], targets [N, classes]: 1 at the class whose evidence is asked for, else 0
 *   out  `map/logits` [N, classes], and for each layer `map/I` [N, height * width], of nothing below 0
 *
 * With A the layer's output, y the class's logit and dy/dA its exact gradient through everything behind the layer:
 *
 *   Grad-CAM  relu(sum over channels k of mean over pixels(dy/dA_k) A_k)
 *             (R. R. Selvaraju et al., "Grad-CAM: Visual Explanations from Deep Networks via Gradient-based
 *             Localization", 2017, equations 1 and 2)
 *   LayerCAM  relu(sum over channels k of relu(dy/dA_k) A_k), pixel by pixel
 *             (P.-T. Jiang et al., "LayerCAM: Exploring Hierarchical Class Activation Maps for Localization", 2021,
 *             equations 5 to 7)
 */

export const LOGITS = "map/logits";
/** The name of a layer's output, by its place among the layers. */
export const mapName = (place: number): string => `map/${place}`;

/**
 * @param model ends with logits, and drops nothing
 * @param layers some of its layers
 */
export function lowerMaps(
  model: Model,
  { batch, layers }: { batch: number; layers: readonly MapLayer[] },
): Uint8Array {
  checkWeights(model.graph, model.weights);
  const step = new StepBuilder(model, { batch, isTrainable: () => false });
  const { onnx } = step;
  const classes = outputShape(model.graph)[0]!;
  const network = layDownNetwork(step, new Set(layers.map(({ layer }) => layer)));
  const logits = step.reshape(joinParts(onnx, network.output).parts[0]!, classes, batch);
  const targets = onnx.input("targets", "float32", [batch, classes]);
  const gradient = step.reshape(onnx.node("Transpose", [targets], { perm: [1, 0] }), classes, 1, batch);
  const gradients = network.backward({ parts: [gradient], sizes: [classes], pixels: 1 });
  onnx.output(LOGITS, onnx.node("Transpose", [logits], { perm: [1, 0] }), "float32", [batch, classes]);
  layers.forEach(({ layer, method, height, width }, place) => {
    const [activation] = joinParts(onnx, network.activations.get(layer)!).parts;
    const settled = settle(onnx, gradients.get(layer)!);
    const [slope] = joinParts(onnx, step.everyPixel(settled, height * width)).parts;
    const weights =
      method === "Grad-CAM"
        ? onnx.node("ReduceMean", [slope!, onnx.integers(1)], { keepdims: 1 })
        : onnx.node("Relu", [slope!]);
    const evidence = onnx.node("ReduceSum", [onnx.node("Mul", [weights, activation!]), onnx.integers(0)], {
      keepdims: 0,
    });
    const map = onnx.node("Transpose", [onnx.node("Relu", [evidence])], { perm: [1, 0] });
    onnx.output(mapName(place), map, "float32", [batch, height * width]);
  });
  return onnx.toBytes({ architecture: model.graph.name });
}
