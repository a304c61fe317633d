import type { PublishedFile } from "@fer-bench/artifacts";
import { howToConvert } from "../weights/how-to-convert.ts";
import { randomWeightsNote } from "./backbone.ts";
import { EFFICIENTNET_VARIANTS, type EfficientNetVariant, efficientnet } from "./efficientnet.ts";
import { EFFICIENTNET_KERAS, EFFICIENTNET_TIMM, EFFICIENTNET_TORCHVISION } from "./efficientnet-layouts.ts";
import { registerBackbone } from "./registry.ts";

/** The md5 of Keras's `efficientnetb*_notop.h5`, from its `applications/efficientnet.py`. */
const NOTOP_MD5: Readonly<Record<EfficientNetVariant, string>> = {
  b0: "50bc09e76180e00e4465e1a485ddc09d",
  b1: "74c4e6b3e1f6a1eea24c589628592432",
  b2: "111f8e2ac8aa800a7a99e3239f7bfb39",
  b3: "af6d107764bb5b1abb91932881670226",
  b4: "ebc24e6d6c33eaebbd558eafbeedf1ba",
  b5: "38879255a25d3c92d5e44e04ae6cec6f",
  b6: "9ecce42647a20130c1f39a5d4cb75743",
  b7: "cbcfe4450ddf6f3ad90b1b398090fe4a",
};

/** torchvision's published files, whose names end with the start of their sha256. */
const TORCHVISION_FILES: Readonly<Record<EfficientNetVariant, string>> = {
  b0: "efficientnet_b0_rwightman-3dd342df.pth",
  b1: "efficientnet_b1_rwightman-533bc792.pth",
  b2: "efficientnet_b2_rwightman-bcdf34b7.pth",
  b3: "efficientnet_b3_rwightman-cf984f9c.pth",
  b4: "efficientnet_b4_rwightman-7eb33cd5.pth",
  b5: "efficientnet_b5_lukemelas-b6417697.pth",
  b6: "efficientnet_b6_lukemelas-c76e70fd.pth",
  b7: "efficientnet_b7_lukemelas-dcc49843.pth",
};

/** Keras's ImageNet files hold the standard deviations where its Normalization layer takes a variance. */
const SECOND_RESCALING = [1 / Math.sqrt(0.229), 1 / Math.sqrt(0.224), 1 / Math.sqrt(0.225)] as const;

for (const variant of Object.keys(EFFICIENTNET_VARIANTS) as EfficientNetVariant[]) {
  const architecture = `EfficientNet-${variant.toUpperCase()}`;
  const { size: ownSize } = EFFICIENTNET_VARIANTS[variant];

  registerBackbone({
    name: `efficientnet-${variant}.random`,
    title: `${architecture}, random weights`,
    note: randomWeightsNote("Keras", { calibrated: true }),
    ownSize,
    graph: (input, top) => efficientnet({ variant, input, ...(top && { top }) }),
    weights: { kind: "random" },
  });

  registerBackbone({
    name: `efficientnet-${variant}.imagenet`,
    title: `${architecture}, ImageNet weights (Keras)`,
    ownSize,
    graph: (input, top) =>
      efficientnet({ variant, input, secondRescaling: SECOND_RESCALING, ...(top && { top }) }),
    weights: { kind: "file", layout: EFFICIENTNET_KERAS, published: kerasFile(variant) },
  });

  registerBackbone({
    name: `efficientnet-${variant}.torchvision`,
    title: `${architecture}, ImageNet weights (torchvision)`,
    ownSize,
    graph: (input, top) =>
      efficientnet({
        variant,
        input,
        padding: "symmetric",
        // torchvision's B5 to B7 keep TensorFlow's constants; PyTorch's momentum is one minus Keras's.
        batchNorm: variant < "b5" ? { epsilon: 1e-5, momentum: 0.9 } : { epsilon: 1e-3, momentum: 0.99 },
        ...(top && { top }),
      }),
    weights: {
      kind: "file",
      layout: EFFICIENTNET_TORCHVISION,
      howToGet: howToConvert(`torchvision's ${TORCHVISION_FILES[variant]}`),
    },
  });

  registerBackbone({
    name: `efficientnet-${variant}.timm`,
    title: `${architecture}, ImageNet weights (timm)`,
    ownSize,
    graph: (input, top) => efficientnet({ variant, input, ...(top && { top }) }),
    weights: {
      kind: "file",
      layout: EFFICIENTNET_TIMM,
      howToGet: `get model.safetensors of timm/tf_efficientnet_${variant}.in1k from huggingface.co`,
    },
  });
}

/** `efficientnetb0_notop.h5` and so on, where Keras's `keras.applications` gets them. */
function kerasFile(variant: EfficientNetVariant): PublishedFile {
  const name = `efficientnet${variant}_notop.h5`;
  return {
    name,
    urls: [`https://storage.googleapis.com/keras-applications/${name}`],
    checksum: { md5: NOTOP_MD5[variant] },
    ...(variant === "b0" && { bytes: 16_705_208 }),
  };
}
