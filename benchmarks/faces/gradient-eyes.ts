/**
 * Eyes by image processing alone, to compare with: the centre that most gradients point away from, dark centres first
 * (F. Timm and E. Barth, "Accurate eye centre localisation by means of gradients", VISAPP 2011), in a window about
 * where eyes usually are in a box.
 */
export function findEyeCentre(
  levels: Float32Array,
  side: number,
  [nearX, nearY]: readonly [number, number],
  reach: number,
): [x: number, y: number] {
  const [left, top] = [Math.round(nearX - reach), Math.round(nearY - reach)];
  const gradients = strongGradients(levels, side, left, top, 2 * Math.round(reach) + 1);
  let best = -1;
  let centre: [number, number] = [nearX, nearY];
  for (let y = top; y <= top + 2 * reach; y++) {
    for (let x = left; x <= left + 2 * reach; x++) {
      let sum = 0;
      for (const { x: u, y: v, dx, dy } of gradients) {
        const distance = Math.hypot(u - x, v - y);
        if (distance > 0) sum += Math.max(0, ((u - x) * dx + (v - y) * dy) / distance) ** 2;
      }
      const score = sum * (255 - levels[y * side + x]!);
      if (score > best) [best, centre] = [score, [x, y]];
    }
  }
  return centre;
}

/** Directions of the gradients that are above the window's mean length by a third of its deviation. */
function strongGradients(levels: Float32Array, side: number, left: number, top: number, size: number) {
  const all = Array.from({ length: size * size }, (_, i) => {
    const [x, y] = [left + (i % size), top + Math.floor(i / size)];
    const at = y * side + x;
    const [dx, dy] = [levels[at + 1]! - levels[at - 1]!, levels[at + side]! - levels[at - side]!];
    return { x, y, dx, dy, length: Math.hypot(dx, dy) };
  });
  const mean = all.reduce((sum, { length }) => sum + length, 0) / all.length;
  const deviation = Math.sqrt(all.reduce((sum, { length }) => sum + (length - mean) ** 2, 0) / all.length);
  return all
    .filter(({ length }) => length > mean + 0.3 * deviation)
    .map(({ x, y, dx, dy, length }) => ({ x, y, dx: dx / length, dy: dy / length }));
}
