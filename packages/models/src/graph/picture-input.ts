import { FerBenchError } from "@fer-bench/artifacts";
import type { GraphBuilder } from "./graph-builder.ts";

interface Size {
  height: number;
  width: number;
}

/** Appends the input: uint8 pictures, whose one channel is repeated to RGB where they are grey. */
export function rgbInput(net: GraphBuilder, input: Size & { channels: 1 | 3 }, size: Size = input): string {
  let x = pictureInput(net, input, size);
  if (input.channels === 1)
    x = net.add({ kind: "repeatChannels", name: "grey_to_rgb", inputs: [x], times: 3 });
  return x;
}

/** Appends the input: uint8 pictures, brought to another size by bicubic interpolation where it is not theirs. */
export function pictureInput(
  net: GraphBuilder,
  input: Size & { channels: 1 | 3 },
  size: Size = input,
): string {
  const { height, width, channels } = input;
  const shape = [height, width, channels];
  const x = net.add({ kind: "input", name: "input", inputs: [], shape, dtype: "uint8" });
  if (size.height === height && size.width === width) return x;
  return net.add({ kind: "resize", name: "resize", inputs: [x], size: [size.height, size.width] });
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
  );
}
