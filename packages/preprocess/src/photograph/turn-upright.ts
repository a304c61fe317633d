import type { PixelImage } from "@fer-bench/datasets";

/** A picture turned and mirrored as EXIF's orientation (1 to 8) says; any other number leaves it as it is. */
export function turnUpright(image: PixelImage, orientation: number): PixelImage {
  if (!(orientation >= 2 && orientation <= 8)) return image;
  const { width, height, channels, data } = image;
  const lying = orientation >= 5;
  const [toWidth, toHeight] = lying ? [height, width] : [width, height];
  const turned = new Uint8Array(data.length);
  const { fromRight, fromBottom } = ORIENTATIONS[orientation]!;
  let at = 0;
  for (let y = 0; y < toHeight; y++) {
    for (let x = 0; x < toWidth; x++) {
      const [column, row] = lying ? [y, x] : [x, y];
      const source =
        ((fromBottom ? height - 1 - row : row) * width + (fromRight ? width - 1 - column : column)) *
        channels;
      for (let channel = 0; channel < channels; channel++) turned[at++] = data[source + channel]!;
    }
  }
  return { width: toWidth, height: toHeight, channels, data: turned };
}

/**
 * EXIF 2.3, table 6, tag 274: whether the stored picture's columns and rows are read from their ends, after rows and
 * columns are exchanged from 5 on.
 */
const ORIENTATIONS: Readonly<Record<number, { fromRight: boolean; fromBottom: boolean }>> = {
  2: { fromRight: true, fromBottom: false },
  3: { fromRight: true, fromBottom: true },
  4: { fromRight: false, fromBottom: true },
  5: { fromRight: false, fromBottom: false },
  6: { fromRight: false, fromBottom: true },
  7: { fromRight: true, fromBottom: true },
  8: { fromRight: true, fromBottom: false },
};
