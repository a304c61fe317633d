import { createRandom } from "@fer-bench/artifacts";
import type { PixelImage } from "@fer-bench/datasets";
import { toSrgb } from "../base/colour.ts";
import { clamp } from "../base/math.ts";
import { boxBlur } from "../base/raster.ts";
import type { Scene } from "../scene.ts";
import type { Canvas } from "./canvas.ts";

/** Canvas pixels per picture pixel along each axis. */
export const SUPERSAMPLING = 2;

/** Linear light to sRGB levels, with a soft shoulder so that highlights do not clip hard. */
const CURVE_STEPS = 4096;
const CURVE_END = 2.5;
const curve = Float32Array.from({ length: CURVE_STEPS + 1 }, (_, i) => {
  const light = (i / CURVE_STEPS) * CURVE_END;
  const knee = 0.7;
  const rolled = light < knee ? light : knee + (1 - knee) * (1 - Math.exp(-(light - knee) / (1 - knee)));
  return toSrgb(rolled);
});

/** The picture that the camera makes of a canvas: blur, exposure, tone curve, noise, 8 bits. */
export function develop(canvas: Canvas, scene: Scene): PixelImage {
  const width = canvas.width / SUPERSAMPLING;
  const height = canvas.height / SUPERSAMPLING;
  const data = new Uint8Array(width * height * 3);
  const random = createRandom(scene.seed, "noise");
  const planes = [canvas.red, canvas.green, canvas.blue];
  // A uniform number has the variance 1/12 of its range's square.
  const grain = (scene.noise * Math.sqrt(12)) / 255;
  const grains = new Uint32Array(width * height);
  for (let i = 0; i < grains.length; i++) grains[i] = random.next() * 2 ** 30;
  for (const [c, plane] of planes.entries()) {
    const small = shrink(plane, canvas.width, width, height);
    if (scene.blur > 0) softBlur(small, width, height, scene.blur);
    const gain = (scene.gain[c]! * CURVE_STEPS) / CURVE_END;
    for (let i = 0; i < small.length; i++) {
      const level = curve[Math.min(Math.round(Math.max(small[i]!, 0) * gain), CURVE_STEPS)]!;
      const toned = 0.5 + (level - 0.5) * scene.contrast;
      // Ten bits of the grain for each channel.
      const noise = grain * (((grains[i]! >>> (10 * c)) & 1023) / 1024 - 0.5);
      data[i * 3 + c] = Math.round(255 * clamp(toned + noise));
    }
  }
  return { width, height, channels: 3, data };
}

/** Means of 2 x 2 pixels. */
function shrink(plane: Float32Array, stride: number, width: number, height: number): Float32Array {
  const small = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = 2 * (y * stride + x);
      small[y * width + x] = (plane[i]! + plane[i + 1]! + plane[i + stride]! + plane[i + stride + 1]!) / 4;
    }
  }
  return small;
}

/** A mix of the picture and its 3 x 3 box blur with the same variance as a narrow Gaussian. */
function softBlur(plane: Float32Array, width: number, height: number, deviation: number): void {
  const blurred = Float32Array.from(plane);
  boxBlur(blurred, width, height, 1, 1);
  // A 3-wide box has variance 2/3 along each axis.
  const share = Math.min(1, deviation ** 2 * 1.5);
  for (let i = 0; i < plane.length; i++) plane[i]! += (blurred[i]! - plane[i]!) * share;
}
