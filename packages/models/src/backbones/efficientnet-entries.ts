import { randomWeights } from "../weights/weights.ts";
import { EFFICIENTNET_VARIANTS, type EfficientNetVariant, efficientnet } from "./efficientnet.ts";
import { registerBackbone } from "./registry.ts";

for (const variant of Object.keys(EFFICIENTNET_VARIANTS) as EfficientNetVariant[]) {
  registerBackbone({
    name: `efficientnet-${variant}.random`,
    title: `EfficientNet-${variant.toUpperCase()}, random weights`,
    note:
      "The backbone's weights are random (Keras's initialisers, seeded), not trained; " +
      "its batch-norm statistics were calibrated by one pass over training images.",
    async create({ input, seed }) {
      const graph = efficientnet({ variant, input });
      return { graph, weights: randomWeights(graph, seed), needsCalibration: true };
    },
  });
}
