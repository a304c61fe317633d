import type { PixelImage } from "@fer-bench/datasets";
import { type Affine, resizeBicubic, type Warp, warpBicubic } from "./bicubic.ts";
import type { LocatedFace } from "./located-face.ts";

/**
 * The face as a size x size picture: a resize where the box is the whole upright picture (its pixels untouched where
 * it already has the size), else one warp from the picture.
 */
export function cutChip(
  image: PixelImage,
  face: LocatedFace,
  size: number,
  warp: Warp = warpBicubic,
): PixelImage {
  const { left, top, width, height } = face.box;
  const whole = left === 0 && top === 0 && width === image.width && height === image.height;
  if (whole && !face.roll) return resizeBicubic(image, size, size);
  return warp(image, chipTransform(face, size), size, size);
}

/** From pixels of the chip to pixels of the picture; a box's edges lie half a pixel before its first pixel's centre. */
export function chipTransform({ box, roll = 0 }: LocatedFace, size: number): Affine {
  const [cos, sin] = [Math.cos(roll), Math.sin(roll)];
  const [scaleX, scaleY] = [box.width / size, box.height / size];
  const [a, b, d, e] = [cos * scaleX, -sin * scaleY, sin * scaleX, cos * scaleY];
  const middle = size / 2 - 0.5;
  const centreX = box.left + box.width / 2 - 0.5;
  const centreY = box.top + box.height / 2 - 0.5;
  return [a, b, centreX - (a + b) * middle, d, e, centreY - (d + e) * middle];
}

/** Points of the picture (x0, y0, x1, y1 ...) in the chip's pixels. */
export function toChip(points: Float32Array, face: LocatedFace, size: number): Float32Array {
  const [a, b, c, d, e, f] = chipTransform(face, size);
  const determinant = a * e - b * d;
  const out = new Float32Array(points.length);
  for (let i = 0; i + 1 < points.length; i += 2) {
    const x = points[i]! - c;
    const y = points[i + 1]! - f;
    out[i] = (e * x - b * y) / determinant;
    out[i + 1] = (a * y - d * x) / determinant;
  }
  return out;
}
