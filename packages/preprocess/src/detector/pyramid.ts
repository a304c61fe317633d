/** Geometry of dlib's image pyramids: `pyramid_down<6>` for detecting, `pyramid_up` (of `pyramid_down<2>`) before it. */

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Corners in whole pixels, both inside the rectangle, as dlib's `rectangle`. */
export interface Corners {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** As dlib makes a `rectangle` of real corners. */
const rounded = (value: number): number => Math.floor(value + 0.5);

/** Sizes of the levels, from the picture itself down. */
export function pyramidLevels(size: Size, smallest: Size): Size[] {
  const levels = [size];
  for (let corner = nextCorner(size); ; corner = nextCorner(corner)) {
    if (corner.width < smallest.width || corner.height < smallest.height) return levels;
    const { width, height } = levels.at(-1)!;
    levels.push({ width: Math.floor((5 * width) / 6), height: Math.floor((5 * height) / 6) });
  }
}

/** dlib counts levels by a rectangle taken down the pyramid, not by the pictures' own sizes. */
function nextCorner({ width, height }: Size): Size {
  const down = (side: number): number => rounded((side - 1 - 0.3) * (5 / 6)) + 1;
  return { width: down(width), height: down(height) };
}

/** A rectangle of a level in the pixels of the picture. */
export function upToPicture(corners: Corners, level: number): Corners {
  return mapped(corners, (value) => {
    let up = value;
    for (let i = 0; i < level; i++) up = up * (6 / 5) + 0.3;
    return up;
  });
}

/** Size of a picture after `pyramid_up`: twice the size, and a little. */
export function enlargedSize({ width, height }: Size): Size {
  return { width: 2 * width + 2, height: 2 * height + 1 };
}

/** A rectangle of a picture enlarged `times` times in the pixels of the picture as it was. */
export function downFromEnlarged(corners: Corners, times: number): Corners {
  const down = (value: number, shift: number): number => {
    let result = value;
    for (let i = 0; i < times; i++) result = result / 2 - shift;
    return result;
  };
  return mapped(
    corners,
    (x) => down(x, 1.25),
    (y) => down(y, 0.75),
  );
}

function mapped(
  { left, top, right, bottom }: Corners,
  x: (value: number) => number,
  y: (value: number) => number = x,
): Corners {
  return {
    left: rounded(x(left)),
    top: rounded(y(top)),
    right: rounded(x(right)),
    bottom: rounded(y(bottom)),
  };
}
