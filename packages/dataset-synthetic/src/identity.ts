import { createRandom, normal, type Random, randomInt, uniform } from "@fer-bench/artifacts";
import { hex, hsv, luminance, mixRgb, type Rgb, scaleRgb } from "./base/colour.ts";
import { clamp, lerp, smoothstep } from "./base/math.ts";

export const HAIR_STYLES = [
  "bald",
  "buzz",
  "crop",
  "side-part",
  "quiff",
  "receding",
  "curly-short",
  "afro",
  "bob",
  "fringe-bob",
  "long",
  "long-parted",
  "curly-long",
  "bun",
  "headscarf",
] as const;
export type HairStyle = (typeof HAIR_STYLES)[number];

export const BEARDS = ["none", "stubble", "moustache", "goatee", "short", "full"] as const;
export type Beard = (typeof BEARDS)[number];

export const GLASSES = ["none", "round", "rectangular", "thin"] as const;
export type Glasses = (typeof GLASSES)[number];

export const COLLARS = ["crew", "v-neck", "shirt", "turtleneck"] as const;
export type Collar = (typeof COLLARS)[number];

/**
 * One person: everything about a face that stays from picture to picture. Lengths are in interpupillary
 * distances of an average face (about 63 mm) unless they are named as factors, which are about 1.
 */
export interface Identity {
  readonly subject: string;
  /** 0 at twenty, 1 at eighty. */
  readonly age: number;
  /** 0 to 1: from softer to more rugged bones; independent of hair and clothes only in part. */
  readonly ruggedness: number;
  readonly skin: {
    readonly colour: Rgb;
    /** 0 (fair) to 1 (deep). */
    readonly depth: number;
    readonly blush: number;
    readonly freckles: number;
    readonly moles: readonly (readonly [number, number])[];
    readonly gloss: number;
  };
  readonly head: {
    readonly cheekWidth: number;
    readonly jawWidth: number;
    readonly chinWidth: number;
    readonly chinRoundness: number;
    readonly chinY: number;
    readonly hairline: number;
    readonly templeWidth: number;
    readonly cheekbone: number;
    readonly fullness: number;
    readonly chinBoss: number;
  };
  readonly eyes: {
    readonly spacing: number;
    readonly width: number;
    readonly opening: number;
    readonly slant: number;
    readonly depth: number;
    readonly crease: number;
    readonly iris: Rgb;
    readonly lashes: number;
    readonly bags: number;
  };
  readonly brows: {
    readonly y: number;
    readonly thickness: number;
    readonly arch: number;
    readonly slope: number;
    readonly length: number;
    readonly density: number;
    readonly colour: Rgb;
  };
  readonly nose: {
    readonly length: number;
    readonly width: number;
    readonly bridge: number;
    readonly projection: number;
    readonly tip: number;
  };
  readonly mouth: {
    readonly width: number;
    readonly y: number;
    readonly upper: number;
    readonly lower: number;
    readonly bow: number;
    /** How far the corners hang (positive) or rise at rest. */
    readonly droop: number;
    readonly colour: Rgb;
    readonly gloss: number;
  };
  readonly hair: {
    readonly style: HairStyle;
    readonly colour: Rgb;
    readonly volume: number;
    /** -1 or 1: the side of the parting. */
    readonly side: number;
    readonly length: number;
    readonly phase: number;
  };
  readonly beard: { readonly style: Beard; readonly density: number };
  readonly glasses: { readonly style: Glasses; readonly colour: Rgb; readonly size: number };
  readonly ears: { readonly size: number; readonly tilt: number };
  readonly neck: number;
  readonly clothes: { readonly collar: Collar; readonly colour: Rgb; readonly second: Rgb };
  /** Small fixed unevenness of the two halves: brow, eye, corner of the mouth. */
  readonly unevenness: readonly [number, number, number];
  /** Where this person's noise (hair, skin) is taken from. */
  readonly texture: number;
}

/** Skin from fair to deep, as it looks in even light. */
const SKIN = ["#f0d2c2", "#e6bda6", "#d6a588", "#bd8c6c", "#9a6e50", "#79523c", "#593b2c", "#402a22"].map(
  hex,
);

const HAIR_DARK = ["#17120f", "#221813", "#33231a", "#1b1a1c"].map(hex);
const HAIR_BROWN = ["#3d2819", "#54371f", "#6b4526", "#4a2c20"].map(hex);
const HAIR_LIGHT = ["#8a6238", "#a9824d", "#c8a468", "#d9bd86", "#93502a", "#7d3a1e"].map(hex);
const HAIR_DYED = ["#6b2d4e", "#28506b", "#7a2a2a"].map(hex);
const GREY = hex("#b4b2ae");

const IRIS_DARK = ["#2a1a10", "#3a2415", "#4a2f1a"].map(hex);
const IRIS_LIGHT = ["#6b4a26", "#7a6a35", "#56703f", "#4d7396", "#6f8ba3", "#7b8288"].map(hex);

const CLOTHES = [
  "#26303f",
  "#e8e6e1",
  "#7b2d2d",
  "#2f5547",
  "#8a8f98",
  "#c7a46a",
  "#3d4f7c",
  "#1c1c1f",
  "#a5586b",
  "#5d7d95",
  "#6d6a3f",
  "#d7c5b0",
  "#704b7a",
].map(hex);

/** The name of the person with a number. */
export function subjectName(number: number): string {
  return `s${String(number).padStart(4, "0")}`;
}

/** Draws the person with a number; the same seed and number always give the same person. */
export function drawIdentity(seed: number, number: number): Identity {
  const random = createRandom(seed, "identity", number);
  const around = (mean: number, deviation: number): number => mean + deviation * clamp(normal(random), -2, 2);
  const age = clamp(random.next() ** 1.4);
  const ruggedness = clamp(random.next() < 0.5 ? around(0.22, 0.16) : around(0.78, 0.16));
  const depth = random.next();
  const skin = skinColour(depth, random);
  const hairColour = drawHairColour(depth, age, random);
  const style = drawHairStyle(ruggedness, age, depth, random);
  const bearded = ruggedness > 0.55 && random.next() < 0.55 && !LONG_STYLES.includes(style);
  const glasses = random.next() < 0.2 + 0.15 * age ? pick(GLASSES.slice(1), random) : "none";
  const clothesColour = pick(CLOTHES, random);
  const lipstick = ruggedness < 0.45 && random.next() < 0.35;
  const naturalLip = mixRgb(skin, hex("#a83f40"), lerp(0.5, 0.3, depth));
  const paintedLip = mixRgb(naturalLip, hsv(uniform(random, 0.94, 1.03) % 1, 0.72, 0.68), 0.7);
  const faceScale = around(0, 0.035);
  return {
    subject: subjectName(number),
    age,
    ruggedness,
    skin: {
      colour: skin,
      depth,
      blush: uniform(random, 0.25, 1),
      freckles: depth < 0.4 && random.next() < 0.25 ? uniform(random, 0.4, 1) : 0,
      moles: Array.from(
        { length: random.next() < 0.35 ? 1 + randomInt(random, 2) : 0 },
        () => [uniform(random, -0.75, 0.75), uniform(random, 0.25, 1.5)] as const,
      ),
      gloss: uniform(random, 0.5, 1.1),
    },
    head: {
      cheekWidth: around(1.115, 0.045) + 0.03 * ruggedness + faceScale,
      jawWidth: around(0.93, 0.05) + 0.09 * ruggedness + faceScale,
      chinWidth: around(0.46, 0.08) + 0.16 * ruggedness,
      chinRoundness: around(3.6, 0.7),
      chinY: around(1.7, 0.07) + 0.13 * ruggedness,
      hairline: -around(0.97, 0.07),
      templeWidth: around(1.07, 0.035) + faceScale,
      cheekbone: around(1, 0.35),
      fullness: around(0, 0.6),
      chinBoss: around(1, 0.3),
    },
    eyes: {
      spacing: around(0.5, 0.018),
      width: around(0.475, 0.028) - 0.02 * ruggedness,
      opening: around(0.18, 0.018) - 0.025 * ruggedness - 0.02 * age,
      slant: around(0.02, 0.022) - 0.015 * age,
      depth: around(1, 0.3) + 0.25 * ruggedness,
      crease: random.next() < 0.3 ? uniform(random, 0, 0.3) : uniform(random, 0.5, 1),
      iris: depth > 0.5 || random.next() < 0.4 ? pick(IRIS_DARK, random) : pick(IRIS_LIGHT, random),
      lashes: around(0.9, 0.15) - 0.4 * ruggedness,
      bags: clamp(around(0.15, 0.12) + 0.55 * age),
    },
    brows: {
      y: -around(0.34, 0.03) + 0.035 * ruggedness,
      thickness: around(0.062, 0.012) + 0.035 * ruggedness,
      arch: around(0.085, 0.03) - 0.03 * ruggedness,
      slope: around(0, 0.025),
      length: around(1, 0.06),
      density: clamp(around(0.75, 0.15) + 0.15 * ruggedness - 0.15 * age),
      colour: mixRgb(scaleRgb(hairColour, 0.65), hex("#2a1c14"), luminance(hairColour) > 0.2 ? 0.45 : 0.15),
    },
    nose: {
      length: around(0.765, 0.035) + 0.03 * ruggedness + 0.02 * age,
      width: around(0.245, 0.022) + 0.03 * ruggedness + 0.035 * (depth > 0.6 ? 1 : 0),
      bridge: around(1, 0.16) - (depth > 0.6 ? 0.15 : 0),
      projection: around(1, 0.1),
      tip: around(1, 0.18),
    },
    mouth: {
      width: around(0.405, 0.03) + 0.015 * ruggedness,
      y: around(1.06, 0.03) + 0.03 * ruggedness,
      upper: Math.max(0.035, around(0.085, 0.018) + 0.03 * depth - 0.025 * ruggedness - 0.03 * age),
      lower: Math.max(0.06, around(0.135, 0.02) + 0.03 * depth - 0.02 * ruggedness - 0.03 * age),
      bow: uniform(random, 0.1, 0.32),
      droop: around(0.005, 0.014) + 0.012 * age,
      colour: lipstick ? paintedLip : naturalLip,
      gloss: lipstick ? uniform(random, 0.8, 1.5) : uniform(random, 0.3, 0.8),
    },
    hair: {
      style,
      colour: hairColour,
      volume: uniform(random, 0.7, 1.25),
      side: random.next() < 0.5 ? -1 : 1,
      length: uniform(random, 0, 1),
      phase: uniform(random, 0, 200),
    },
    beard: { style: bearded ? pick(BEARDS.slice(1), random) : "none", density: uniform(random, 0.6, 1) },
    glasses: {
      style: glasses,
      colour: pick([hex("#141416"), hex("#3b2416"), hex("#6f6a66"), hex("#7a2f2b"), hex("#223a55")], random),
      size: uniform(random, 0.92, 1.1),
    },
    ears: { size: around(1, 0.08) + 0.1 * age, tilt: around(0, 0.06) },
    neck: around(0.69, 0.03) + 0.17 * ruggedness,
    clothes: {
      collar: pick(COLLARS, random),
      colour: clothesColour,
      second: pick(CLOTHES, random),
    },
    unevenness: [0.02 * normal(random), 0.012 * normal(random), 0.012 * normal(random)],
    texture: uniform(random, 0, 240),
  };
}

function pick<T>(items: readonly T[], random: Random): T {
  return items[randomInt(random, items.length)]!;
}

function skinColour(depth: number, random: Random): Rgb {
  const position = depth * (SKIN.length - 1);
  const i = Math.min(Math.floor(position), SKIN.length - 2);
  const [r, g, b] = mixRgb(SKIN[i]!, SKIN[i + 1]!, position - i);
  const warmth = 0.05 * normal(random);
  return [r * (1 + warmth), g, b * (1 - warmth)];
}

function drawHairColour(depth: number, age: number, random: Random): Rgb {
  const palette =
    random.next() < 0.03
      ? HAIR_DYED
      : depth > 0.5 || random.next() < 0.35
        ? HAIR_DARK
        : random.next() < 0.5
          ? HAIR_BROWN
          : HAIR_LIGHT;
  const colour = pick(palette, random);
  const greying = smoothstep(0.55, 1.05, age + 0.18 * normal(random));
  return mixRgb(colour, GREY, 0.95 * greying);
}

const LONG_STYLES: readonly HairStyle[] = [
  "bob",
  "fringe-bob",
  "long",
  "long-parted",
  "curly-long",
  "bun",
  "headscarf",
];
const SHORT_STYLES: readonly HairStyle[] = ["buzz", "crop", "side-part", "quiff", "curly-short"];

function drawHairStyle(ruggedness: number, age: number, depth: number, random: Random): HairStyle {
  const long = [...LONG_STYLES];
  const short = [...SHORT_STYLES];
  if (depth > 0.55) {
    long.push("afro", "curly-long");
    short.push("afro", "buzz");
  }
  if (age > 0.4) short.push("receding", "receding", "bald");
  const goesLong = random.next() < lerp(0.9, 0.08, smoothstep(0.3, 0.7, ruggedness));
  return pick(goesLong ? long : short, random);
}
