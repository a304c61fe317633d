/** A similarity of the plane: (a x - b y + c, b x + a y + d). Its scale is hypot(a, b), its angle atan2(b, a). */
export interface Similarity {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
}

/**
 * The similarity (turn, one scale, shift; no mirroring) that takes points nearest to others in the sum of squares, as
 * dlib's `find_similarity_transform`: S. Umeyama, "Least-squares estimation of transformation parameters between two
 * point patterns", PAMI 13(4), 1991, equations 34 to 43, of which the plane's closed form needs no singular values.
 * Points are x0, y0, x1, y1 ..., as many in both; where all of `from` fall together, the scale is 1.
 */
export function findSimilarity(from: ArrayLike<number>, to: ArrayLike<number>): Similarity {
  const count = from.length / 2;
  let [fromX, fromY, toX, toY] = [0, 0, 0, 0];
  for (let i = 0; i < from.length; i += 2) {
    fromX += from[i]!;
    fromY += from[i + 1]!;
    toX += to[i]!;
    toY += to[i + 1]!;
  }
  fromX /= count;
  fromY /= count;
  toX /= count;
  toY /= count;
  let [spread, along, across] = [0, 0, 0];
  for (let i = 0; i < from.length; i += 2) {
    const [x, y] = [from[i]! - fromX, from[i + 1]! - fromY];
    const [u, v] = [to[i]! - toX, to[i + 1]! - toY];
    spread += x * x + y * y;
    along += u * x + v * y;
    across += v * x - u * y;
  }
  const [a, b] = spread === 0 ? [1, 0] : [along / spread, across / spread];
  return { a, b, c: toX - (a * fromX - b * fromY), d: toY - (b * fromX + a * fromY) };
}
