import type { Rgb } from "../base/colour.ts";
import { clamp, unit } from "../base/math.ts";
import type { Projection, Vector } from "./camera.ts";

/** The light of a scene: one key light, one from behind, and the sky's and ground's glow. Directions point to the light. */
export interface Light {
  readonly key: Vector;
  readonly keyColour: Rgb;
  readonly rim: Vector;
  readonly rimColour: Rgb;
  readonly sky: Rgb;
  readonly ground: Rgb;
}

/** The light seen from a turned head; `viewer` points to the camera. */
export interface LocalLight extends Light {
  readonly viewer: Vector;
  /** Halfway between key light and viewer. */
  readonly half: Vector;
  readonly up: Vector;
}

export function localLight(light: Light, frame: Projection): LocalLight {
  const key = frame.toHead(light.key);
  const viewer = frame.toHead([0, 0, 1]);
  return {
    ...light,
    key,
    rim: frame.toHead(light.rim),
    viewer,
    half: unit(key[0] + viewer[0], key[1] + viewer[1], key[2] + viewer[2]),
    up: frame.toHead([0, -1, 0]),
  };
}

/** How far light wraps around skin beyond the terminator, per channel: red travels farthest under it. */
export const SKIN_WRAP: Rgb = [0.22, 0.14, 0.11];
export const HARD_WRAP: Rgb = [0.06, 0.06, 0.06];

/** Light that a matt surface with unit normal n sends back, into `out`; `shadow` and `open` are 0 to 1. */
export function irradiance(
  out: [number, number, number],
  light: LocalLight,
  nx: number,
  ny: number,
  nz: number,
  shadow: number,
  open: number,
  wrap: Rgb,
): void {
  const toKey = nx * light.key[0] + ny * light.key[1] + nz * light.key[2];
  const toRim = nx * light.rim[0] + ny * light.rim[1] + nz * light.rim[2];
  const up = 0.5 + 0.5 * (nx * light.up[0] + ny * light.up[1] + nz * light.up[2]);
  const rim = toRim > 0 ? toRim * open : 0;
  const { keyColour, rimColour, sky, ground } = light;
  const [wr, wg, wb] = wrap;
  const keyR = toKey > -wr ? ((toKey + wr) / (1 + wr)) * shadow : 0;
  const keyG = toKey > -wg ? ((toKey + wg) / (1 + wg)) * shadow : 0;
  const keyB = toKey > -wb ? ((toKey + wb) / (1 + wb)) * shadow : 0;
  out[0] = keyR * keyColour[0] + rim * rimColour[0] + (ground[0] + (sky[0] - ground[0]) * up) * open;
  out[1] = keyG * keyColour[1] + rim * rimColour[1] + (ground[1] + (sky[1] - ground[1]) * up) * open;
  out[2] = keyB * keyColour[2] + rim * rimColour[2] + (ground[2] + (sky[2] - ground[2]) * up) * open;
}

/** Blinn and Phong's highlight of the key light on skin: one broad lobe, one narrow. */
export function highlight(light: LocalLight, nx: number, ny: number, nz: number): number {
  const d = clamp(nx * light.half[0] + ny * light.half[1] + nz * light.half[2]);
  const d2 = d * d;
  const d4 = d2 * d2;
  const d8 = d4 * d4;
  const d16 = d8 * d8;
  return 0.55 * d16 + 0.9 * d16 * d16 * d16;
}
