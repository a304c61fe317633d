/** What is added around a picture, in pixels: zeros before a convolution, -infinity before max pooling. */
export interface Padding {
  top: number;
  left: number;
  bottom: number;
  right: number;
}

/**
 * `tensorflow` pads as its SAME does, the odd pixel at the end; Keras's `correct_pad` followed by VALID gives the
 * same numbers. `symmetric` is torchvision's (k - 1) / 2 on every side. They differ where the stride is 2 and the
 * size even.
 */
export type PaddingRule = "tensorflow" | "symmetric";

export const NO_PADDING: Padding = { top: 0, left: 0, bottom: 0, right: 0 };

/** As many pixels on every side. */
export function allAround(pixels: number): Padding {
  return { top: pixels, left: pixels, bottom: pixels, right: pixels };
}

/** The padding of a square kernel over `height` x `width` pixels so that the output has ceil(size / stride) pixels. */
export function padding(
  rule: PaddingRule,
  height: number,
  width: number,
  kernel: number,
  stride: number,
): Padding {
  const [top, bottom] = alongOneAxis(rule, height, kernel, stride);
  const [left, right] = alongOneAxis(rule, width, kernel, stride);
  return { top, left, bottom, right };
}

function alongOneAxis(rule: PaddingRule, size: number, kernel: number, stride: number): [number, number] {
  if (rule === "symmetric") return [(kernel - 1) / 2, (kernel - 1) / 2];
  const output = Math.ceil(size / stride);
  const total = Math.max(0, (output - 1) * stride + kernel - size);
  return [Math.floor(total / 2), Math.ceil(total / 2)];
}
