import {
  IMAGENET_NORMALIZATION,
  isBatchCounter,
  kerasLayout,
  torchSources,
  type WeightsLayout,
} from "../weights/layout.ts";

/** Keras's own files; names are the graph's. */
export const EFFICIENTNET_KERAS = kerasLayout((tensor) => tensor.startsWith("predictions/"));

/** torchvision's `efficientnet_b*`: `features.0` is the stem, `features.{1..7}.{i}` the blocks, then the top. */
export const EFFICIENTNET_TORCHVISION: WeightsLayout = {
  framework: "torchvision",
  sources: (graph) => torchSources(graph, torchvisionModule, IMAGENET_NORMALIZATION),
  isIgnored: (tensor) => isBatchCounter(tensor) || tensor.startsWith("classifier."),
};

/** timm's `tf_efficientnet_b*`: `conv_stem`, `blocks.{0..6}.{i}`, `conv_head`. */
export const EFFICIENTNET_TIMM: WeightsLayout = {
  framework: "timm",
  sources: (graph) => torchSources(graph, timmModule, IMAGENET_NORMALIZATION),
  isIgnored: (tensor) => isBatchCounter(tensor) || tensor.startsWith("classifier."),
};

const TORCHVISION_ENDS: Readonly<Record<string, string>> = {
  stem_conv: "features.0.0",
  stem_bn: "features.0.1",
  top_conv: "features.8.0",
  top_bn: "features.8.1",
  predictions: "classifier.1",
};

/** The parts of a block that expands; the others, those of the first stage, have no part 0. */
const TORCHVISION_PARTS: Readonly<Record<string, readonly [part: number, module: string]>> = {
  expand_conv: [0, "0"],
  expand_bn: [0, "1"],
  dwconv: [1, "0"],
  bn: [1, "1"],
  se_reduce: [2, "fc1"],
  se_expand: [2, "fc2"],
  project_conv: [3, "0"],
  project_bn: [3, "1"],
};

function torchvisionModule(layer: string): string {
  const block = blockOf(layer);
  if (block === undefined) return TORCHVISION_ENDS[layer]!;
  const { stage, index, role } = block;
  const [part, module] = TORCHVISION_PARTS[role]!;
  return `features.${stage}.${index}.block.${stage === 1 ? part - 1 : part}.${module}`;
}

const TIMM_ENDS: Readonly<Record<string, string>> = {
  stem_conv: "conv_stem",
  stem_bn: "bn1",
  top_conv: "conv_head",
  top_bn: "bn2",
  predictions: "classifier",
};

const TIMM_PARTS: Readonly<Record<string, string>> = {
  expand_conv: "conv_pw",
  expand_bn: "bn1",
  dwconv: "conv_dw",
  bn: "bn2",
  se_reduce: "se.conv_reduce",
  se_expand: "se.conv_expand",
  project_conv: "conv_pwl",
  project_bn: "bn3",
};

/** Those of the first stage, which does not expand. */
const TIMM_FIRST_PARTS: Readonly<Record<string, string>> = {
  ...TIMM_PARTS,
  bn: "bn1",
  project_conv: "conv_pw",
  project_bn: "bn2",
};

function timmModule(layer: string): string {
  const block = blockOf(layer);
  if (block === undefined) return TIMM_ENDS[layer]!;
  const { stage, index, role } = block;
  return `blocks.${stage - 1}.${index}.${(stage === 1 ? TIMM_FIRST_PARTS : TIMM_PARTS)[role]}`;
}

/** `block2b_expand_conv` is the second block of stage 2 and its part `expand_conv`. */
function blockOf(layer: string): { stage: number; index: number; role: string } | undefined {
  const match = /^block(\d)([a-z])_(.+)$/.exec(layer);
  if (match === null) return undefined;
  return { stage: Number(match[1]), index: match[2]!.charCodeAt(0) - "a".charCodeAt(0), role: match[3]! };
}
