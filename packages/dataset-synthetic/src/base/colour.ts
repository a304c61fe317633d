import { clamp, lerp } from "./math.ts";

/** Linear-light red, green, blue, about 0 to 1. */
export type Rgb = readonly [number, number, number];

/** sRGB's electro-optical transfer (IEC 61966-2-1), 0..1 to linear 0..1. */
export function toLinear(v: number): number {
  return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
}

/** Its inverse, to 0..1. */
export function toSrgb(v: number): number {
  return v <= 0.0031308 ? v * 12.92 : 1.055 * v ** (1 / 2.4) - 0.055;
}

/** "#rrggbb" as linear light. */
export function hex(code: string): Rgb {
  const channel = (i: number): number => toLinear(Number.parseInt(code.slice(i, i + 2), 16) / 255);
  return [channel(1), channel(3), channel(5)];
}

export function mixRgb(a: Rgb, b: Rgb, t: number): Rgb {
  return [lerp(a[0], b[0], t), lerp(a[1], b[1], t), lerp(a[2], b[2], t)];
}

export function scaleRgb(a: Rgb, by: number): Rgb {
  return [a[0] * by, a[1] * by, a[2] * by];
}

export function multiplyRgb(a: Rgb, b: Rgb): Rgb {
  return [a[0] * b[0], a[1] * b[1], a[2] * b[2]];
}

/** Relative luminance (Rec. 709 weights). */
export function luminance(a: Rgb): number {
  return 0.2126 * a[0] + 0.7152 * a[1] + 0.0722 * a[2];
}

/** Hue in turns, saturation and value 0..1 (of sRGB) as linear light. */
export function hsv(hue: number, saturation: number, value: number): Rgb {
  const channel = (n: number): number => {
    const k = (n + hue * 6) % 6;
    return toLinear(value - value * saturation * clamp(Math.min(k, 4 - k)));
  };
  return [channel(5), channel(3), channel(1)];
}
