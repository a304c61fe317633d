/** A picture being drawn: linear light in three planes, and the depth of what has been drawn (larger is nearer). */
export interface Canvas {
  readonly width: number;
  readonly height: number;
  readonly red: Float32Array;
  readonly green: Float32Array;
  readonly blue: Float32Array;
  readonly depth: Float32Array;
}

export function createCanvas(width: number, height: number): Canvas {
  const plane = (): Float32Array => new Float32Array(width * height);
  return { width, height, red: plane(), green: plane(), blue: plane(), depth: plane().fill(-1e9) };
}

/** What a fragment shader puts out: linear colour and opacity. */
export interface Fragment {
  red: number;
  green: number;
  blue: number;
  alpha: number;
}

/**
 * Vertices in a rectangular net, row by row: screen x, y and depth, then `attributes` numbers each. Quads
 * between neighbours are drawn; those with a vertex whose x is NaN are left out.
 */
export interface Net {
  readonly columns: number;
  readonly rows: number;
  readonly attributes: number;
  readonly vertices: Float64Array;
}

export function createNet(columns: number, rows: number, attributes: number): Net {
  return { columns, rows, attributes, vertices: new Float64Array(columns * rows * (3 + attributes)) };
}

/** Sets a vertex's position; its attributes follow at the returned offset. */
export function setVertex(
  net: Net,
  column: number,
  row: number,
  position: readonly [number, number, number],
): number {
  const at = (row * net.columns + column) * (3 + net.attributes);
  net.vertices[at] = position[0];
  net.vertices[at + 1] = position[1];
  net.vertices[at + 2] = position[2];
  return at + 3;
}

/**
 * Draws a net with a depth test. `shade` gets the interpolated attributes and writes the fragment; what it
 * makes opaque (alpha over a half) also sets the depth.
 */
export function drawNet(
  canvas: Canvas,
  net: Net,
  shade: (attributes: Float64Array, fragment: Fragment) => void,
): void {
  const values = new Float64Array(net.attributes);
  const fragment: Fragment = { red: 0, green: 0, blue: 0, alpha: 1 };
  const stride = 3 + net.attributes;
  for (let row = 0; row + 1 < net.rows; row++) {
    for (let i = 0; i + 1 < net.columns; i++) {
      // From the middle column outwards: the side that faces the viewer hides the rest before it is shaded.
      const column = ((net.columns - 1) >> 1) + (i % 2 === 0 ? i >> 1 : -((i + 1) >> 1));
      const a = (row * net.columns + column) * stride;
      const b = a + stride;
      const c = a + net.columns * stride;
      const d = c + stride;
      drawTriangle(canvas, net, a, b, c, values, fragment, shade);
      drawTriangle(canvas, net, b, d, c, values, fragment, shade);
    }
  }
}

function drawTriangle(
  canvas: Canvas,
  net: Net,
  a: number,
  b: number,
  c: number,
  values: Float64Array,
  fragment: Fragment,
  shade: (attributes: Float64Array, fragment: Fragment) => void,
): void {
  const v = net.vertices;
  const ax = v[a]!;
  const ay = v[a + 1]!;
  const bx = v[b]!;
  const by = v[b + 1]!;
  const cx = v[c]!;
  const cy = v[c + 1]!;
  const area = (bx - ax) * (cy - ay) - (cx - ax) * (by - ay);
  if (!(Math.abs(area) > 1e-9)) return;
  const y0 = Math.max(0, Math.ceil(Math.min(ay, by, cy) - 0.5));
  const y1 = Math.min(canvas.height - 1, Math.floor(Math.max(ay, by, cy) - 0.5));
  const left = Math.min(ax, bx, cx);
  const right = Math.max(ax, bx, cx);
  const x0 = Math.max(0, Math.ceil(left - 0.5));
  const x1 = Math.min(canvas.width - 1, Math.floor(right - 0.5));
  if (x0 > x1) return;
  const inverse = 1 / area;
  const n = net.attributes;
  const az = v[a + 2]!;
  const bz = v[b + 2]!;
  const cz = v[c + 2]!;
  // Barycentric weights change by a constant from pixel to pixel.
  const stepB = (cy - ay) * inverse;
  const stepC = (ay - by) * inverse;
  for (let y = y0; y <= y1; y++) {
    const py = y + 0.5 - ay;
    let wb = ((x0 + 0.5 - ax) * (cy - ay) - (cx - ax) * py) * inverse - stepB;
    let wc = ((bx - ax) * py - (x0 + 0.5 - ax) * (by - ay)) * inverse - stepC;
    for (let x = x0; x <= x1; x++) {
      wb += stepB;
      wc += stepC;
      const wa = 1 - wb - wc;
      // A shade of overlap closes the seams between triangles; the depth test drops the repeats.
      if (wa < -1e-6 || wb < -1e-6 || wc < -1e-6) continue;
      const depth = wa * az + wb * bz + wc * cz;
      const i = y * canvas.width + x;
      if (depth <= canvas.depth[i]!) continue;
      for (let k = 0; k < n; k++) values[k] = wa * v[a + 3 + k]! + wb * v[b + 3 + k]! + wc * v[c + 3 + k]!;
      fragment.alpha = 1;
      shade(values, fragment);
      blend(canvas, i, fragment, depth);
    }
  }
}

/** Lays a fragment over what is at pixel `i`. */
export function blend(canvas: Canvas, i: number, fragment: Fragment, depth: number): void {
  const { alpha } = fragment;
  if (alpha <= 0) return;
  canvas.red[i]! += (fragment.red - canvas.red[i]!) * alpha;
  canvas.green[i]! += (fragment.green - canvas.green[i]!) * alpha;
  canvas.blue[i]! += (fragment.blue - canvas.blue[i]!) * alpha;
  if (alpha > 0.5) canvas.depth[i] = depth;
}
