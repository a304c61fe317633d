import type { Point } from "../base/math.ts";

export type Vector = readonly [number, number, number];
/** Row-major 3 x 3. */
export type Matrix = readonly [Vector, Vector, Vector];

/** How the head stands before the camera, and where in the picture. Angles in radians. */
export interface Pose {
  /** Turn to the picture's right. */
  readonly yaw: number;
  /** Nod, positive down. */
  readonly pitch: number;
  /** Turn in the picture's plane, positive clockwise. */
  readonly roll: number;
  /** Pixels per face unit. */
  readonly scale: number;
  /** Where the pivot falls, in pixels. */
  readonly x: number;
  readonly y: number;
}

/** The point that turning leaves where it is: inside the head, behind the bridge of the nose. */
export const PIVOT: Vector = [0, 0.5, -0.75];

/** Distance from the camera to the pivot, in face units (1 unit is about 63 mm): a portrait's perspective. */
const DISTANCE = 16;

export interface Projection {
  /** Picture position in pixels, and depth: larger is nearer. */
  project(x: number, y: number, z: number): readonly [number, number, number];
  /** A direction of the camera's frame seen from the head's. */
  toHead(direction: Vector): Vector;
}

export function rotation(yaw: number, pitch: number, roll: number): Matrix {
  const [cy, sy] = [Math.cos(yaw), Math.sin(yaw)];
  const [cp, sp] = [Math.cos(pitch), Math.sin(pitch)];
  const [cr, sr] = [Math.cos(roll), Math.sin(roll)];
  const turn: Matrix = [
    [cy, 0, sy],
    [0, 1, 0],
    [-sy, 0, cy],
  ];
  const nod: Matrix = [
    [1, 0, 0],
    [0, cp, sp],
    [0, -sp, cp],
  ];
  const tilt: Matrix = [
    [cr, -sr, 0],
    [sr, cr, 0],
    [0, 0, 1],
  ];
  return multiply(tilt, multiply(nod, turn));
}

/** Weak perspective about `pivot`, which falls on (x, y) in the picture. */
export function projection(pose: Pose, pivot: Vector = PIVOT): Projection {
  const m = rotation(pose.yaw, pose.pitch, pose.roll);
  const [mx, my, mz] = m;
  return {
    project(x, y, z) {
      const dx = x - pivot[0];
      const dy = y - pivot[1];
      const dz = z - pivot[2];
      const px = mx[0] * dx + mx[1] * dy + mx[2] * dz;
      const py = my[0] * dx + my[1] * dy + my[2] * dz;
      const pz = mz[0] * dx + mz[1] * dy + mz[2] * dz;
      const near = DISTANCE / (DISTANCE - pz);
      return [pose.x + pose.scale * near * px, pose.y + pose.scale * near * py, pz];
    },
    toHead: ([x, y, z]) => [
      m[0][0] * x + m[1][0] * y + m[2][0] * z,
      m[0][1] * x + m[1][1] * y + m[2][1] * z,
      m[0][2] * x + m[1][2] * y + m[2][2] * z,
    ],
  };
}

/** `point` turned clockwise by `angle` about a centre. */
export function turnAbout([x, y]: Point, [cx, cy]: Point, angle: number): Point {
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  return [cx + c * (x - cx) - s * (y - cy), cy + s * (x - cx) + c * (y - cy)];
}

function multiply(a: Matrix, b: Matrix): Matrix {
  const row = (i: number): Vector => {
    const r = a[i]!;
    const at = (j: number): number => r[0] * b[0][j]! + r[1] * b[1][j]! + r[2] * b[2][j]!;
    return [at(0), at(1), at(2)];
  };
  return [row(0), row(1), row(2)];
}
