import { createRandom, normal, type Random, uniform } from "@fer-bench/artifacts";
import { hsv, luminance, mixRgb, type Rgb, scaleRgb } from "./base/colour.ts";
import { clamp, lerp, unit } from "./base/math.ts";
import type { Pose } from "./draw/camera.ts";
import type { Light } from "./draw/light.ts";
import type { Gaze } from "./face/eye-shape.ts";
import type { Identity } from "./identity.ts";
import type { Occluder } from "./occluder.ts";

/** Everything about one picture that is neither the person nor the expression. */
export interface Scene {
  readonly seed: number;
  readonly pose: Pose;
  readonly gaze: Gaze;
  readonly light: Light;
  readonly backdropLevel: number;
  readonly occluder: Occluder;
  /** Standard deviation of the lens blur, in pixels. */
  readonly blur: number;
  /** Standard deviation of the sensor's noise, in levels of 255. */
  readonly noise: number;
  /** What the camera makes of the light: gain per channel. */
  readonly gain: Rgb;
  /** Exponent on the developed picture; 1 is none. */
  readonly contrast: number;
}

export interface SceneOptions {
  /** Side of the picture in pixels. */
  readonly size: number;
  /** How far pose, light and framing go: 0 a passport photograph, 1 the default. */
  readonly variation: number;
  /** Share of pictures with something in front of the face. */
  readonly occlusion: number;
}

const DEGREE = Math.PI / 180;

/** Draws the circumstances of a picture of a person. */
export function drawScene(seed: number, person: Identity, options: SceneOptions): Scene {
  const random = createRandom(seed, "scene");
  const { size, variation } = options;
  const spread = (deviation: number): number => deviation * variation * clamp(normal(random), -2.2, 2.2);
  const pose: Pose = {
    yaw: spread(9) * DEGREE,
    pitch: (2 + spread(5)) * DEGREE,
    roll: spread(6) * DEGREE,
    scale: size * 0.213 * (1 + spread(0.075)),
    x: size * (0.5 + spread(0.03)),
    y: size * (0.555 + spread(0.022)),
  };
  const gaze: Gaze = [spread(0.028), spread(0.012)];
  const light = drawLight(random, variation);
  return {
    seed,
    pose,
    gaze,
    light,
    backdropLevel: uniform(random, 0.35, 1.1),
    occluder: drawOccluder(random, options.occlusion, person),
    blur: Math.max(0, variation * uniform(random, -0.3, 0.75)),
    noise: variation * uniform(random, 0, 4.5),
    gain: exposure(random, light, person, variation),
    contrast: lerp(1, uniform(random, 0.88, 1.15), variation),
  };
}

function drawLight(random: Random, variation: number): Light {
  const azimuth = variation * 31 * clamp(normal(random), -2.1, 2.1) * DEGREE;
  const elevation = (28 + variation * 17 * clamp(normal(random), -2, 2)) * DEGREE;
  const warmth = variation * clamp(normal(random), -2, 2);
  const keyColour: Rgb = [1 + 0.07 * warmth, 1, 1 - 0.1 * warmth];
  const share = lerp(0.62, uniform(random, 0.4, 0.82), variation);
  const skyTone = hsv((0.58 + variation * 0.06 * normal(random) + 1) % 1, 0.1 * random.next(), 1);
  const groundTone = hsv(0.08, 0.25 * random.next(), 1);
  const behind = random.next() < 0.45 * variation;
  const rimSide = random.next() < 0.5 ? -1 : 1;
  const rimTone = hsv(random.next(), 0.35 * random.next(), 1);
  return {
    key: unit(
      Math.sin(azimuth) * Math.cos(elevation),
      -Math.sin(elevation),
      Math.cos(azimuth) * Math.cos(elevation),
    ),
    keyColour: scaleRgb(keyColour, 1.25 * share),
    rim: unit(rimSide, -0.35, -0.55),
    rimColour: scaleRgb(rimTone, behind ? uniform(random, 0.3, 1) : 0),
    sky: scaleRgb(skyTone, 1.05 * (1 - share)),
    ground: scaleRgb(groundTone, 0.6 * (1 - share)),
  };
}

/** Automatic exposure that only half believes its meter, and a colour cast. */
function exposure(random: Random, light: Light, person: Identity, variation: number): Rgb {
  const falling = luminance(light.keyColour) * 0.8 + 0.5 * (luminance(light.sky) + luminance(light.ground));
  const seen = mixRgb(person.skin.colour, [0.3, 0.3, 0.3], 0.5);
  const meter = 0.3 / (luminance(seen) * falling);
  const level = meter ** 0.65 * 1.2 * Math.exp(variation * 0.17 * clamp(normal(random), -2, 2));
  const cast = variation * 0.045;
  return [level * (1 + cast * normal(random)), level, level * (1 + cast * normal(random))];
}

function drawOccluder(random: Random, share: number, person: Identity): Occluder {
  const present = random.next() < share;
  const choice = random.next();
  const side = random.next() < 0.5 ? -1 : 1;
  const reach = random.next();
  if (!present) return { kind: "none" };
  if (choice < 0.2 && person.glasses.style === "none") return { kind: "sunglasses" };
  if (choice < 0.45 && person.hair.style !== "headscarf" && person.hair.style !== "bald") {
    return { kind: "hair-lock", side, reach };
  }
  if (choice < 0.65) return { kind: "scarf", side, reach };
  return { kind: choice < 0.87 ? "hand-cheek" : "hand-chin", side, reach };
}
