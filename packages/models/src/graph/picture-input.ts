import { FerBenchError } from "@fer-bench/artifacts";
import type { GraphBuilder } from "./graph-builder.ts";
import type { ResizeLayer } from "./layers.ts";

interface Size {
  height: number;
  width: number;
}

type Picture = Size & { channels: 1 | 3 };

/** Appends the input: uint8 pictures, whose one channel is repeated to RGB where they are grey. */
export function rgbInput(net: GraphBuilder, input: Picture, size: Size = input): string {
  let x = pictureInput(net, input, size);
  if (input.channels === 1)
    x = net.add({ kind: "repeatChannels", name: "grey_to_rgb", inputs: [x], times: 3 });
  return x;
}

/** Appends the input: uint8 pictures, brought to another size by interpolation where it is not theirs. */
export function pictureInput(
  net: GraphBuilder,
  input: Picture,
  size: Size = input,
  interpolation: ResizeLayer["interpolation"] = "bicubic",
): string {
  const { height, width, channels } = input;
  const shape = [height, width, channels];
  const x = net.add({ kind: "input", name: "input", inputs: [], shape, dtype: "uint8" });
  if (size.height === height && size.width === width) return x;
  return net.add({
    kind: "resize",
    name: "resize",
    inputs: [x],
    size: [size.height, size.width],
    interpolation,
  });
}

/** Of ImageNet's RGB pixels scaled to 0..1, as torchvision's networks are trained on them. */
const IMAGENET_MEAN = [0.485, 0.456, 0.406];
const IMAGENET_DEVIATION = [0.229, 0.224, 0.225];

/** Appends what torchvision's networks read: RGB, (x / 255 - mean) / deviation. */
export function torchvisionInput(net: GraphBuilder, input: Picture, size?: Size): string {
  return net.add({
    kind: "rescaling",
    name: "rescaling",
    inputs: [rgbInput(net, input, size)],
    scale: IMAGENET_DEVIATION.map((deviation) => 1 / (255 * deviation)),
    offset: IMAGENET_MEAN.map((mean, c) => -mean / IMAGENET_DEVIATION[c]!),
  });
}

/** The size at which neither side is below `smallest` pixels, in proportion; the picture's own where it is none. */
export function atLeast(smallest: number, { height, width }: Size): Size {
  const factor = Math.max(1, smallest / Math.min(height, width));
  return { height: Math.round(height * factor), width: Math.round(width * factor) };
}

/** Refuses pictures that a network halves to nothing. */
export function requireSize(architecture: string, smallest: number, { height, width }: Size): void {
  if (height >= smallest && width >= smallest) return;
  throw new FerBenchError(
    "bad-config",
    `${architecture} reads pictures of ${smallest}x${smallest} pixels or more, not ${height}x${width}.`,
    { field: "input.size", remedy: "preprocess to larger chips, or take another backbone" },
  );
}
