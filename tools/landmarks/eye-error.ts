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
