/**
 * dlib's five points among iBUG's 68: outer and inner corner of the eye on the right of the picture, of the left one,
 * nose.
 */
export const FIVE_OF_68 = [45, 42, 36, 39, 33] as const;

/** The five of a rendered portrait's 68 landmarks, whose pixels begin at 0, as dlib counts: pixel centres are whole. */
export function fivePointsOf(landmarks: ArrayLike<number>): number[] {
  return FIVE_OF_68.flatMap((i) => [landmarks[2 * i]! - 0.5, landmarks[2 * i + 1]! - 0.5]);
}

/**
 * How far the eyes are off, as the mean of both in shares of the distance between the true ones. Points are dlib's five;
 * an eye is the middle of its corners.
 */
export function eyeError(points: ArrayLike<number>, truth: ArrayLike<number>): number {
  const right = distance(eye(points, 0), eye(truth, 0));
  const left = distance(eye(points, 4), eye(truth, 4));
  return (right + left) / 2 / distance(eye(truth, 0), eye(truth, 4));
}

type Point = readonly [x: number, y: number];

function eye(points: ArrayLike<number>, at: number): Point {
  return [(points[at]! + points[at + 2]!) / 2, (points[at + 1]! + points[at + 3]!) / 2];
}

function distance(a: Point, b: Point): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1]);
}
