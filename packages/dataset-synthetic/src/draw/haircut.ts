import { clamp, lerp, profile, smoothstep } from "../base/math.ts";
import { fractalNoise } from "../base/noise.ts";
import type { HairStyle, Identity } from "../identity.ts";

/**
 * A hair style as a shell around the head. Its points are named by the angle around the head's axis
 * (radians; 0 is the middle of the face, positive to the picture's right) and the height y.
 */
export interface Haircut {
  /** Lowest row of the shell. */
  readonly bottomY: number;
  /** How far inside the hair a point is, in face units; negative outside. */
  inside(angle: number, y: number): number;
  /** How far the shell stands off the skull; `inside` is that point's, which is dear to work out twice. */
  thickness(angle: number, y: number, inside: number): number;
  /** Half width of the hull below the skull's widest part, where hair hangs free. */
  hangingWidth(y: number): number;
  /** How uneven the edge is, in face units. */
  readonly ragged: number;
  /** 0 straight to 1 tight curls. */
  readonly curl: number;
  readonly coversEars: boolean;
  readonly cloth: boolean;
  /** Greatest opacity: short hair lets the scalp through. */
  readonly opacity: number;
  readonly bun: boolean;
}

const DEGREE = Math.PI / 180;

/** The hair of a person, or nothing on a bald head. */
export function haircut(person: Identity): Haircut | undefined {
  const { style, volume, side, length, phase } = person.hair;
  if (style === "bald" && person.age < 0.5) return undefined;
  const top = person.head.hairline;
  const make = SHAPES[style];
  return make({ top, volume, side, length, phase });
}

interface Traits {
  /** Height of the hairline in the middle of the forehead. */
  readonly top: number;
  readonly volume: number;
  readonly side: number;
  readonly length: number;
  readonly phase: number;
}

const NO_HANG = (): number => 1.1;

/** Hair above a line around the head: knots of (degrees from the front, y). */
function above(knots: readonly (readonly [number, number])[]): Haircut["inside"] {
  const line = profile(knots.map(([degrees, y]) => [degrees * DEGREE, y]));
  return (angle, y) => {
    const a = Math.abs(angle);
    const slope = (line(a + 0.03) - line(a - 0.03)) / 0.06;
    return (line(a) - y) / Math.sqrt(1 + slope * slope);
  };
}

/** Half width of a head, roughly: what an angle is worth in face units. */
const RADIUS = 1.05;

/** Hair behind an opening for the face: knots of (y, degrees from the front). */
function behind(knots: readonly (readonly [number, number])[]): Haircut["inside"] {
  const opening = profile(knots.map(([y, degrees]) => [y, degrees * DEGREE]));
  return (angle, y) => {
    const slope = (opening(y + 0.02) - opening(y - 0.02)) / 0.04;
    return ((Math.abs(angle) - opening(y)) * RADIUS) / Math.sqrt(1 + (RADIUS * slope) ** 2);
  };
}

function shortLine(top: number, temple: number): Haircut["inside"] {
  return above([
    [0, top],
    [24, top + 0.02],
    [44, top + 0.1 - temple],
    [58, top + 0.42 - 0.5 * temple],
    [68, -0.3],
    [77, 0.2],
    [88, 0.24],
    [96, -0.12],
    [112, -0.02],
    [126, 0.75],
    [180, 0.95],
  ]);
}

/** Thickness that rises from nothing at the hairline. */
function grown(full: (angle: number, y: number) => number, within: number): Haircut["thickness"] {
  return (angle, y, inside) => 0.015 + full(angle, y) * smoothstep(-0.02, within, inside);
}

/** 1 on top of the head, 0 at its sides. */
function onTop(y: number): number {
  return 1 - smoothstep(-1.45, -0.45, y);
}

const SHORT = {
  bottomY: 1.0,
  hangingWidth: NO_HANG,
  ragged: 0.05,
  curl: 0,
  coversEars: false,
  cloth: false,
  opacity: 1,
  bun: false,
} as const;

const LONG = { ...SHORT, ragged: 0.03, coversEars: true } as const;

const SHAPES: Readonly<Record<HairStyle, (traits: Traits) => Haircut>> = {
  bald() {
    const line = above([
      [0, -2.2],
      [60, -2.2],
      [72, -0.35],
      [80, 0.12],
      [90, 0.16],
      [97, -0.12],
      [112, -0.02],
      [126, 0.75],
      [180, 0.95],
    ]);
    const inside: Haircut["inside"] = (angle, y) => Math.min(line(angle, y), y + 0.62);
    return { ...SHORT, inside, thickness: grown(() => 0.05, 0.3), opacity: 0.85, ragged: 0.12 };
  },
  buzz({ top }) {
    const inside = shortLine(top, 0.05);
    return { ...SHORT, inside, thickness: () => 0.018, opacity: 0.82, ragged: 0.06 };
  },
  crop({ top, volume }) {
    const inside = shortLine(top + 0.12, -0.05);
    const full = (_: number, y: number): number => volume * lerp(0.05, 0.14, onTop(y));
    return { ...SHORT, inside, thickness: grown(full, 0.15), ragged: 0.13 };
  },
  "side-part"({ top, volume, side }) {
    const base = shortLine(top, 0.06);
    const inside: Haircut["inside"] = (angle, y) => {
      const swept = angle * side;
      return base(angle, y - 0.16 * smoothstep(-0.45, 0.35, swept) * (1 - smoothstep(0.5, 1, swept)));
    };
    const full = (angle: number, y: number): number =>
      volume * lerp(0.06, 0.17 + 0.07 * smoothstep(-0.5, 0.6, angle * side), onTop(y));
    return { ...SHORT, inside, thickness: grown(full, 0.2), ragged: 0.04 };
  },
  quiff({ top, volume }) {
    const inside = shortLine(top, 0.1);
    const full = (angle: number, y: number): number =>
      volume * lerp(0.035, 0.16 + 0.2 * (1 - smoothstep(0.3, 1.1, Math.abs(angle))), onTop(y));
    return { ...SHORT, inside, thickness: grown(full, 0.22) };
  },
  receding({ top, volume }) {
    const inside = above([
      [0, top - 0.08],
      [16, top - 0.14],
      [34, top - 0.42],
      [48, top - 0.2],
      [60, top + 0.3],
      [70, -0.3],
      [79, 0.18],
      [89, 0.22],
      [96, -0.12],
      [112, -0.02],
      [126, 0.75],
      [180, 0.95],
    ]);
    const full = (_: number, y: number): number => volume * lerp(0.06, 0.08, onTop(y));
    return { ...SHORT, inside, thickness: grown(full, 0.25), opacity: 0.9, ragged: 0.09 };
  },
  "curly-short"({ top, volume, phase }) {
    const inside = shortLine(top + 0.06, -0.02);
    const full = (angle: number, y: number): number =>
      volume * lerp(0.1, 0.24, onTop(y)) * (1 + 0.8 * fractalNoise(angle * 4 + phase, y * 4.5));
    return { ...SHORT, inside, thickness: grown(full, 0.12), ragged: 0.16, curl: 0.8 };
  },
  afro({ top, volume, phase }) {
    const base = shortLine(top, 0);
    const inside: Haircut["inside"] = (angle, y) => base(angle, y - 0.05);
    const full = (angle: number, y: number): number =>
      volume * lerp(0.3, 0.46, onTop(y)) * (1 + 0.25 * fractalNoise(angle * 6 + phase, y * 6));
    return { ...SHORT, inside, thickness: grown(full, 0.2), ragged: 0.1, curl: 1 };
  },
  bob({ top, volume, side, length }) {
    const bottomY = lerp(1.15, 1.75, length);
    const inside = parted(top, side * 0.22, bottomY);
    return { ...LONG, bottomY, inside, ...hanging(volume, bottomY, 0.12) };
  },
  "fringe-bob"({ top, volume, length }) {
    const bottomY = lerp(1.1, 1.9, length);
    const fringe = above([
      [0, -0.5],
      [34, -0.46],
      [48, -0.3],
      [56, 0.2],
      [61, 3],
      [180, 3],
    ]);
    const inside: Haircut["inside"] = (angle, y) => Math.min(fringe(angle, y), bottomY - y);
    return { ...LONG, bottomY, inside, ...hanging(volume, bottomY, 0.1, top), ragged: 0.07 };
  },
  long({ top, volume, length }) {
    const bottomY = lerp(2.3, 3.2, length);
    const inside = parted(top, 0, bottomY);
    return { ...LONG, bottomY, inside, ...hanging(volume, bottomY, 0.04) };
  },
  "long-parted"({ top, volume, side, length }) {
    const bottomY = lerp(2.2, 3.2, length);
    const inside = parted(top, side * 0.3, bottomY);
    return { ...LONG, bottomY, inside, ...hanging(volume, bottomY, 0.1), curl: 0.25 };
  },
  "curly-long"({ top, volume, side, length, phase }) {
    const bottomY = lerp(1.6, 2.7, length);
    const inside = parted(top, side * 0.15, bottomY);
    const { thickness, hangingWidth } = hanging(volume, bottomY, 0.3);
    return {
      ...LONG,
      bottomY,
      inside,
      hangingWidth,
      thickness: (angle, y, within) =>
        thickness(angle, y, within) * (1.5 + 1.1 * fractalNoise(angle * 4 + phase, y * 4)),
      ragged: 0.14,
      curl: 0.75,
    };
  },
  bun({ top, volume }) {
    const inside = shortLine(top, 0.02);
    const full = (_: number, y: number): number => volume * lerp(0.05, 0.09, onTop(y));
    return { ...SHORT, inside, thickness: grown(full, 0.3), ragged: 0.03, bun: true };
  },
  headscarf({ top, phase }) {
    const inside = behind([
      [top + 0.1, 0],
      [top + 0.16, 24],
      [-0.55, 48],
      [0, 58],
      [0.7, 60],
      [1.3, 52],
      [1.75, 30],
      [1.95, 12],
      [2.04, 0],
    ]);
    return {
      ...LONG,
      bottomY: 3.1,
      inside,
      thickness: (angle, y, within) =>
        (0.07 + 0.05 * fractalNoise(angle * 2.2 + phase, y * 3)) * smoothstep(-0.05, 0.1, within) + 0.02,
      hangingWidth: profile([
        [0.1, 1.1],
        [0.9, 1.02],
        [1.6, 0.84],
        [2.1, 0.8],
        [2.6, 1.15],
        [3.1, 1.75],
      ]),
      ragged: 0,
      curl: 0,
      cloth: true,
    };
  },
};

/** Long hair parted at an angle: it leaves the face free and hangs to `bottomY`. */
function parted(top: number, at: number, bottomY: number): Haircut["inside"] {
  const opening = behind([
    [top - 0.1, 0],
    [top + 0.03, 14],
    [top + 0.22, 33],
    [-0.35, 48],
    [0.05, 56],
    [0.6, 60],
    [1.2, 62],
    [3.2, 58],
  ]);
  return (angle, y) => {
    // The parting draws the opening's top to its side; lower down both sides are alike.
    const drawn = angle - at * (1 - smoothstep(top, -0.1, y));
    return Math.min(opening(drawn, y), bottomY - y);
  };
}

function hanging(
  volume: number,
  bottomY: number,
  flare: number,
  fringeTop = Number.NEGATIVE_INFINITY,
): Pick<Haircut, "thickness" | "hangingWidth"> {
  return {
    thickness(_, y, inside) {
      const rooted = y < fringeTop ? 1 : smoothstep(-0.03, 0.22, inside);
      return 0.03 + volume * lerp(0.13, 0.14, onTop(y)) * lerp(0.45, 1, rooted);
    },
    hangingWidth: (y) => 1.1 + flare * clamp((y - 0.1) / (bottomY - 0.1)) - 0.12 * smoothstep(0.5, 1.6, y),
  };
}
