import type { Box, PixelImage } from "@fer-bench/datasets";
import sharp from "sharp";
import { escapeXml, FONT, text } from "../sheet-text.ts";
import { placeLabels } from "./place-labels.ts";

/** A face as it is marked in a picture; positions in the picture's pixels. */
export interface FaceMark {
  readonly box: Box;
  /** What the chip shows, as `LocatedFace` has it; drawn as a fine dashed outline. */
  readonly chip?: { readonly box: Box; readonly roll?: number | undefined } | undefined;
  /** x0, y0, x1, y1 ... */
  readonly landmarks?: ArrayLike<number> | undefined;
  readonly label: string;
  /** Of the box and of the label's ground, as #rrggbb. */
  readonly colour?: string | undefined;
}

export interface AnnotateOptions {
  /** A line in the picture's upper left corner. */
  readonly caption?: string | undefined;
}

/** Smaller pictures are enlarged by a whole number, so that a label can be read. */
const LEAST_SIDE = 640;
/** ... but not without end: of a strip of pixels nothing can be seen. */
const MOST_ENLARGED = 16;
const COLOUR = "#56b4e9";
const DARK = "#11151c";
const LIGHT = "#ffffff";

/** A picture in RGB with its faces marked: whatever its size and brightness, lines can be seen and labels read. */
export async function annotatePicture(
  image: PixelImage,
  marks: readonly FaceMark[],
  { caption }: AnnotateOptions = {},
): Promise<PixelImage> {
  const { width: w, height: h, channels } = image;
  const scale = Math.min(MOST_ENLARGED, Math.max(1, Math.ceil(LEAST_SIDE / Math.max(w, h))));
  const [width, height] = [w * scale, h * scale];
  const drawing = await drawMarks(
    marks.map((mark) => enlarged(mark, scale)),
    { width, height },
    caption,
  );
  const { data } = await sharp(image.data, { raw: { width: w, height: h, channels } })
    .resize(width, height, { fit: "fill", kernel: "cubic" })
    .toColourspace("srgb")
    .composite([{ input: Buffer.from(drawing) }])
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width, height, channels: 3, data: new Uint8Array(data) };
}

function enlarged({ box, chip, landmarks, ...rest }: FaceMark, scale: number): FaceMark {
  return {
    ...rest,
    box: enlargedBox(box, scale),
    ...(chip && { chip: { ...chip, box: enlargedBox(chip.box, scale) } }),
    ...(landmarks && { landmarks: Float64Array.from(landmarks, (position) => (position + 0.5) * scale) }),
  };
}

function enlargedBox({ left, top, width, height }: Box, scale: number): Box {
  return { left: left * scale, top: top * scale, width: width * scale, height: height * scale };
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** The marks as an SVG of the picture's size. */
async function drawMarks(marks: readonly FaceMark[], picture: Size, caption?: string): Promise<string> {
  const drawn = await Promise.all(marks.map((mark) => prepare(mark, picture)));
  const places = placeLabels(
    drawn.map(({ box, pill }) => ({ box, ...pill })),
    picture,
    drawn[0] === undefined ? 0 : drawn[0].line,
  );
  const parts = [
    // Labels last: no line crosses one.
    ...drawn.map(drawFace),
    ...drawn.map(({ pill }, i) => drawPill(pill, places[i]!)),
    ...(caption === undefined ? [] : [await drawCaption(caption, picture)]),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${picture.width}" height="${picture.height}">${parts.join("")}</svg>`;
}

interface Drawn {
  readonly mark: FaceMark;
  /** As much of the box as lies in the picture. */
  readonly box: Box;
  readonly pill: Pill;
  /** Width of its lines in pixels. */
  readonly line: number;
}

async function prepare(mark: FaceMark, picture: Size): Promise<Drawn> {
  const longest = Math.max(picture.width, picture.height);
  const size = clamp(0.13 * mark.box.width, Math.max(13, longest / 72), Math.max(15, longest / 38));
  const line = Math.max(2, size / 8);
  return {
    mark,
    line,
    box: within(mark.box, picture, line),
    pill: await pillOf(mark.label, size, mark.colour, picture),
  };
}

function within({ left, top, width, height }: Box, picture: Size, line: number): Box {
  const [x, y] = [Math.max(left, line), Math.max(top, line)];
  const right = Math.min(left + width, picture.width - line);
  const bottom = Math.min(top + height, picture.height - line);
  return { left: x, top: y, width: Math.max(0, right - x), height: Math.max(0, bottom - y) };
}

function drawFace({ mark: { chip, landmarks, colour = COLOUR }, box, line }: Drawn): string {
  const corner = `rx="${round(2.5 * line)}"`;
  const rectangle = ({ left, top, width, height }: Box, more: string): string =>
    `<rect x="${round(left)}" y="${round(top)}" width="${round(width)}" height="${round(height)}" fill="none" ${more}/>`;
  const parts: string[] = [];
  if (chip !== undefined) {
    const [x, y] = [chip.box.left + chip.box.width / 2, chip.box.top + chip.box.height / 2];
    const turn = `transform="rotate(${round(((chip.roll ?? 0) * 180) / Math.PI)} ${round(x)} ${round(y)})"`;
    parts.push(
      rectangle(chip.box, `stroke="${DARK}" stroke-opacity="0.55" stroke-width="${round(line)}" ${turn}`),
      rectangle(
        chip.box,
        `stroke="${LIGHT}" stroke-width="${round(line / 2)}" stroke-dasharray="${round(3 * line)} ${round(2 * line)}" ${turn}`,
      ),
    );
  }
  // A dark edge on both sides of the line makes it visible on ground of its own colour.
  parts.push(
    rectangle(box, `${corner} stroke="${DARK}" stroke-opacity="0.6" stroke-width="${round(2 * line)}"`),
    rectangle(box, `${corner} stroke="${colour}" stroke-width="${round(line)}"`),
  );
  const points = landmarks === undefined ? 0 : landmarks.length / 2;
  const radius = (points > 10 ? 0.8 : 1.3) * line;
  for (let i = 0; i < points; i++) {
    parts.push(
      `<circle cx="${round(landmarks![2 * i]!)}" cy="${round(landmarks![2 * i + 1]!)}" r="${round(radius)}" fill="${LIGHT}" stroke="${DARK}" stroke-width="${round(radius / 2)}"/>`,
    );
  }
  return parts.join("");
}

/** A label on its ground. */
interface Pill extends Size {
  readonly content: string;
  readonly size: number;
  readonly colour: string;
}

async function pillOf(content: string, size: number, colour = COLOUR, picture: Size): Promise<Pill> {
  const wide = (await textWidth(content, size)) + PILL_ENDS * size;
  // A label that is wider than the picture is made smaller as a whole.
  const fitting = size * Math.min(1, picture.width / wide, picture.height / (PILL_HEIGHT * size));
  const width = (wide * fitting) / size;
  return { content, colour, size: fitting, width, height: PILL_HEIGHT * fitting };
}

/** Room before and after the text, together, and the ground's height, in sizes of the text. */
const PILL_ENDS = 1;
const PILL_HEIGHT = 1.55;

function drawPill({ content, size, colour }: Pill, { left, top, width, height }: Box): string {
  const edge = size / 14;
  return `<rect x="${round(left + edge / 2)}" y="${round(top + edge / 2)}" width="${round(width - edge)}" height="${round(height - edge)}" rx="${round(0.3 * size)}" fill="${colour}" stroke="${DARK}" stroke-opacity="0.6" stroke-width="${round(edge)}"/>${text(
    round(left + (PILL_ENDS / 2) * size),
    round(top + height / 2 + 0.36 * size),
    round(size),
    700,
    readableOn(colour),
    content,
  )}`;
}

async function drawCaption(caption: string, picture: Size): Promise<string> {
  const longest = Math.max(picture.width, picture.height);
  const pill = await pillOf(caption, Math.max(14, longest / 40), DARK, picture);
  const margin = Math.min(
    pill.height / 3,
    (picture.width - pill.width) / 2,
    (picture.height - pill.height) / 2,
  );
  return drawPill(pill, { left: margin, top: margin, width: pill.width, height: pill.height });
}

/** In pixels, as the fonts of this machine have it. */
async function textWidth(content: string, size: number): Promise<number> {
  if (content.trim() === "") return 0;
  const font = `${FONT.replaceAll("'", "")} Bold ${Math.round(size * 10)}`;
  const { info } = await sharp({ text: { text: escapeXml(content), font, dpi: 72 } })
    .raw()
    .toBuffer({ resolveWithObject: true });
  return info.width / 10;
}

/** Black or white, whichever has more contrast to a colour: W3C's WCAG 2.2, relative luminance and contrast ratio. */
function readableOn(colour: string): string {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const level = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return level <= 0.04045 ? level / 12.92 : ((level + 0.055) / 1.055) ** 2.4;
  });
  const luminance = 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
  return (luminance + 0.05) / 0.05 >= 1.05 / (luminance + 0.05) ? "#000000" : LIGHT;
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}

/** Two decimals are finer than what can be seen. */
function round(value: number): number {
  return Math.round(value * 100) / 100;
}
