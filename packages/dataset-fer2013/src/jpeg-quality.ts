/** Luma steps of ITU-T T.81, table K.1, in zigzag order. */
const STANDARD = [
  16, 11, 12, 14, 12, 10, 16, 14, 13, 14, 18, 17, 16, 19, 24, 40, 26, 24, 22, 22, 24, 49, 35, 37, 29, 40, 58,
  51, 61, 60, 57, 51, 56, 55, 64, 72, 92, 78, 64, 68, 87, 69, 55, 56, 80, 109, 81, 87, 95, 98, 103, 104, 103,
  62, 77, 113, 121, 112, 100, 120, 92, 101, 103, 99,
];

/**
 * The quality 1..100 at which libjpeg scales the standard table to these steps; undefined where another encoder's
 * own table is used (MozJPEG, Photoshop). The formula is libjpeg's jpeg_quality_scaling.
 */
export function standardQuality(steps: readonly number[]): number | undefined {
  for (let quality = 100; quality > 0; quality--) {
    const percent = quality < 50 ? Math.floor(5000 / quality) : 200 - 2 * quality;
    if (STANDARD.every((step, k) => steps[k] === scaled(step, percent))) return quality;
  }
  return undefined;
}

function scaled(step: number, percent: number): number {
  return Math.min(255, Math.max(1, Math.floor((step * percent + 50) / 100)));
}
