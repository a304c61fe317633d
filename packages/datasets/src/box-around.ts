import type { Box } from "./sample.ts";

/** The square around all landmarks (x0, y0, x1, y1 ...), centred on them. */
export function boxAround(landmarks: ArrayLike<number>): Box {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i < landmarks.length; i += 2) {
    left = Math.min(left, landmarks[i]!);
    right = Math.max(right, landmarks[i]!);
    top = Math.min(top, landmarks[i + 1]!);
    bottom = Math.max(bottom, landmarks[i + 1]!);
  }
  const side = Math.max(right - left, bottom - top);
  return {
    left: (left + right - side) / 2,
    top: (top + bottom - side) / 2,
    width: side,
    height: side,
  };
}
