import sharp from "sharp";
import * as vega from "vega";

/** How much of a pixel the colour of the largest value covers. */
const LARGEST_COVER = 0.72;
/** What a map lies on where there is no face. */
const GREY = 128;

/** Matplotlib's perceptually uniform inferno, without its darkest quarter, which could not be told from a dark face. */
const inferno = (value: number): [number, number, number] => {
  const colour: string = vega.scheme("inferno")(0.25 + 0.75 * value);
  return colour.match(/\d+/g)!.map(Number) as [number, number, number];
};
const COLOURS = Array.from({ length: 256 }, (_, level) => inferno(level / 255));

/**
 * A map of evidence laid over a face: enlarged bicubically, no evidence leaving the face as it is, the most of it covering
 * LARGEST_COVER of it.
 *
 * @param map [height, width], 0 and above
 * @param largest the value that has the last colour; all above it has it, too
 * @param face [side, side, 3]; grey where undefined
 * @returns [side, side, 3]
 */
export async function heatOverlay(
  map: { data: Float32Array; height: number; width: number },
  largest: number,
  { side, face }: { side: number; face: Uint8Array | undefined },
): Promise<Uint8Array> {
  const levels = Uint8Array.from(map.data, (value) =>
    largest > 0 ? Math.min(255, Math.max(0, Math.round((255 * value) / largest))) : 0,
  );
  const enlarged = await enlarge({ data: levels, height: map.height, width: map.width, channels: 1 }, side);
  const data = new Uint8Array(side * side * 3);
  for (let pixel = 0; pixel < side * side; pixel++) {
    const [r, g, b] = overlaid(enlarged[pixel]!, (channel) => face?.[3 * pixel + channel] ?? GREY);
    data.set([r, g, b], 3 * pixel);
  }
  return data;
}

/** The colours of a legend from no evidence to the most, over grey, as CSS. */
export function heatRamp(): string {
  const stops = Array.from(
    { length: 9 },
    (_, i) => `rgb(${overlaid(Math.round((255 * i) / 8), () => GREY).join(" ")})`,
  );
  return `linear-gradient(to right, ${stops.join(", ")})`;
}

function overlaid(level: number, under: (channel: number) => number): [number, number, number] {
  const cover = (LARGEST_COVER * level) / 255;
  const colour = COLOURS[level]!;
  return [0, 1, 2].map((c) => Math.round((1 - cover) * under(c) + cover * colour[c]!)) as [
    number,
    number,
    number,
  ];
}

/** A picture enlarged bicubically (sharp's cubic kernel) to a square. */
export async function enlarge(
  picture: { data: Uint8Array; height: number; width: number; channels: 1 | 3 },
  side: number,
): Promise<Uint8Array> {
  const { data, height, width, channels } = picture;
  return sharp(data, { raw: { width, height, channels } })
    .resize(side, side, { kernel: "cubic", fit: "fill" })
    .toColourspace(channels === 1 ? "b-w" : "srgb")
    .raw()
    .toBuffer();
}
