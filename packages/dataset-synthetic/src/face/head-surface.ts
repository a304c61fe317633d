import { clamp, lerp, profile, smoothstep } from "../base/math.ts";
import type { Identity } from "../identity.ts";

/**
 * The head as a stack of horizontal sections. Face coordinates: x to the picture's right, y down, z to the
 * viewer, origin between the pupils, unit one average interpupillary distance. A point of the skin is
 * named by (u, y), where u is x in the middle of the face and turns into arc length around its sides.
 */
export interface HeadSurface {
  readonly crownY: number;
  readonly chinY: number;
  /** Half the width of the section at y. */
  halfWidth(y: number): number;
  /** Depth coordinate of the midline at y, without nose and lips. */
  frontZ(y: number): number;
  /** Depth coordinate of the section's widest point at y. */
  sideZ(y: number): number;
}

/** Superellipse exponent of the sections: 2 is an ellipse; faces are a little flatter in front. */
export const SECTION_POWER = 2.12;
/** Shares of the half width between which u turns from x into arc length. */
const UNROLL_FROM = 0.4;
const UNROLL_TO = 0.8;
/** How far behind the widest point the skin goes on. */
const BEHIND = 0.15;

/** Section outlines in steps of equal u / half width: x / half width and (z - side) / depth. */
const section = (() => {
  const angles = 20_000;
  const power = 2 / SECTION_POWER;
  const us: number[] = [0];
  const xs: number[] = [0];
  const zs: number[] = [1];
  let side = 0;
  let u = 0;
  for (let i = 1; side === 0 || u < side + BEHIND; i++) {
    const angle = (i / angles) * (Math.PI / 2);
    const [s, c] = [Math.sin(angle), Math.cos(angle)];
    const x = s ** power;
    const z = Math.sign(c) * Math.abs(c) ** power;
    const dx = Math.abs(x - xs[i - 1]!);
    const unrolled = c < 0 ? 1 : smoothstep(UNROLL_FROM, UNROLL_TO, x);
    u += lerp(dx, Math.hypot(dx, z - zs[i - 1]!), unrolled);
    us.push(u);
    xs.push(x);
    zs.push(z);
    if (side === 0 && c <= 1e-9) side = u;
  }
  const steps = 1024;
  const table = { side, end: u, steps, x: new Float64Array(steps + 1), z: new Float64Array(steps + 1) };
  let i = 0;
  for (let k = 0; k <= steps; k++) {
    const target = (k / steps) * u;
    while (i + 2 < us.length && us[i + 1]! < target) i++;
    const t = (target - us[i]!) / (us[i + 1]! - us[i]!);
    table.x[k] = lerp(xs[i]!, xs[i + 1]!, t);
    table.z[k] = lerp(zs[i]!, zs[i + 1]!, t);
  }
  return table;
})();

/** u / half width at the section's widest point. */
export const SECTION_SIDE = section.side;
/** Largest u / half width: a little behind the widest point. */
export const SECTION_END = section.end;

/** x / half width at u / half width (both may be negative). */
export function sectionX(v: number): number {
  return v < 0 ? -sample(section.x, -v) : sample(section.x, v);
}

/** (z - sideZ) / (frontZ - sideZ) at u / half width. */
export function sectionZ(v: number): number {
  return sample(section.z, Math.abs(v));
}

function sample(table: Float64Array, v: number): number {
  const t = clamp(v / section.end) * section.steps;
  const i = Math.min(Math.floor(t), section.steps - 1);
  return lerp(table[i]!, table[i + 1]!, t - i);
}

/** Height of the crown above the pupils. */
const CROWN_Y = -1.72;
const TEMPLE_Y = -0.35;
const CHEEK_Y = 0.3;
/** Where the jaw's curve takes over from the cheek. */
const JAW_Y = 0.95;

/** The surface of a person's head; `chinY` is where the chin is in this expression (a dropped jaw lowers it). */
export function headSurface(head: Identity["head"], chinY: number): HeadSurface {
  const drop = chinY - head.chinY;
  const lower = (y: number): number =>
    y <= JAW_Y ? y : JAW_Y + ((y - JAW_Y) * (chinY - JAW_Y)) / (head.chinY - JAW_Y);
  const jawSlope = (head.chinWidth - head.jawWidth) / (chinY - JAW_Y);
  // From temple to cheekbone and on to the jaw: cubics that meet smoothly, the last one at the jaw's own slope.
  const cheek = (y: number): number => {
    if (y < CHEEK_Y) return lerp(head.templeWidth, head.cheekWidth, smoothstep(TEMPLE_Y, CHEEK_Y, y));
    const t = (y - CHEEK_Y) / (JAW_Y - CHEEK_Y);
    const bend = jawSlope * (JAW_Y - CHEEK_Y) * t * t * (t - 1);
    return lerp(head.cheekWidth, head.jawWidth, smoothstep(0, 1, t)) + bend;
  };
  const front = profile(
    (
      [
        [CROWN_Y, -1.2],
        [-1.6, -0.72],
        [-1.35, -0.36],
        [-1.05, -0.1],
        [-0.7, 0.04],
        [-0.32, 0.1],
        [0, 0.06],
        [0.4, 0.1],
        [0.85, 0.17],
        [1.1, 0.2],
        [1.4, 0.16],
        [head.chinY - 0.22, 0.17],
        [head.chinY - 0.08, 0.06],
        [head.chinY, -0.16],
      ] as const
    ).map(([y, z]) => [lower(y), z] as const),
  );
  const side = profile([
    [CROWN_Y, -1.2],
    [0.2, -1.06],
    [JAW_Y, -1],
    [chinY, -0.62],
  ]);
  return {
    crownY: CROWN_Y,
    chinY,
    frontZ: front,
    sideZ: side,
    halfWidth(y) {
      if (y <= CROWN_Y || y >= chinY) return 0;
      if (y < TEMPLE_Y) {
        const t = (TEMPLE_Y - y) / (TEMPLE_Y - CROWN_Y);
        return head.templeWidth * Math.sqrt(1 - t ** 2.6);
      }
      if (y < JAW_Y) return cheek(y);
      const t = (y - JAW_Y) / (chinY - JAW_Y);
      const narrowed = 1 - 0.05 * clamp(drop / 0.4) * t;
      return narrowed * lerp(head.jawWidth, head.chinWidth, t) * Math.sqrt(1 - t ** head.chinRoundness);
    },
  };
}

/** Face coordinates of the skin at (u, y), raised by `relief` along the section's normal. */
export function surfacePoint(
  head: HeadSurface,
  u: number,
  y: number,
  relief: number,
): [number, number, number] {
  const half = Math.max(head.halfWidth(y), 1e-3);
  const v = u / half;
  const x = sectionX(v);
  const z = sectionZ(v);
  const front = head.frontZ(y);
  const side = head.sideZ(y);
  const length = Math.hypot(x, z) || 1;
  return [half * x + (relief * x) / length, y, side + (front - side) * z + (relief * z) / length];
}
