/** How one class is drawn in every figure: a colour, and a shape for readers who see colours otherwise. */
export interface ClassStyle {
  colour: string;
  shape: Shape;
}

/** Vega's symbols, with the size that makes them look equally large. */
export const SHAPE_SIZES = {
  circle: 30,
  square: 26,
  diamond: 40,
  cross: 38,
  "triangle-up": 44,
  "triangle-down": 44,
} as const;
export type Shape = keyof typeof SHAPE_SIZES;

/**
 * The palette of M. Okabe and K. Ito, "Color universal design" (2008), its yellow darkened for white paper and its
 * black given as grey, for the canonical classes.
 */
const CANONICAL: Readonly<Record<string, ClassStyle>> = {
  angry: { colour: "#d55e00", shape: "triangle-up" },
  disgust: { colour: "#009e73", shape: "diamond" },
  fear: { colour: "#cc79a7", shape: "triangle-down" },
  happy: { colour: "#e69f00", shape: "circle" },
  sad: { colour: "#0072b2", shape: "square" },
  surprise: { colour: "#56b4e9", shape: "cross" },
  neutral: { colour: "#7f868f", shape: "circle" },
};

/** For classes with other names, in their order: P. Tol's "muted" scheme (SRON/EPS/TN/09-002). */
const OTHERS: readonly string[] = ["#aa4499", "#882255", "#999933", "#332288", "#88ccee", "#ddcc77"];
const SHAPES: readonly Shape[] = ["square", "circle", "diamond", "triangle-up", "cross", "triangle-down"];

/** The styles of a class list, in its order; a canonical class always looks the same. */
export function classStyles(classes: readonly string[]): ClassStyle[] {
  let others = 0;
  return classes.map((name) => {
    if (Object.hasOwn(CANONICAL, name)) return CANONICAL[name]!;
    const style = {
      colour: OTHERS[others % OTHERS.length]!,
      shape: SHAPES[Math.floor(others / OTHERS.length + others) % SHAPES.length]!,
    };
    others++;
    return style;
  });
}
