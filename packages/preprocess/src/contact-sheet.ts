import type { PixelImage } from "@fer-bench/datasets";
import sharp from "sharp";

/** One row of the sheet. */
export interface ContactRow {
  readonly label: string;
  /** How many samples the class has. */
  readonly count: number;
  /** Chips of the same size; shown from the left. */
  readonly chips: readonly PixelImage[];
}

export interface ContactSheet {
  readonly title: string;
  /** A line below the title. */
  readonly subtitle: string;
  readonly rows: readonly ContactRow[];
  /** Places per row. */
  readonly columns: number;
  /** Side of the chips, in pixels. */
  readonly size: number;
}

const MARGIN = 24;
const HEADER = 64;
const LABELS = 156;
const GAP = 4;
const FONT = "'DejaVu Sans', Verdana, Arial, sans-serif";
/** Chips are shown at least this large, by a whole factor. */
const LEAST_SIDE = 80;

/** Width and height of a sheet in pixels, and the factor by which its chips are enlarged. */
export function contactSheetSize(sheet: Pick<ContactSheet, "rows" | "columns" | "size">): {
  width: number;
  height: number;
  scale: number;
} {
  const scale = Math.max(1, Math.ceil(LEAST_SIDE / sheet.size));
  const pitch = scale * sheet.size + GAP;
  return {
    width: 2 * MARGIN + LABELS + sheet.columns * pitch - GAP,
    height: 2 * MARGIN + HEADER + sheet.rows.length * pitch - GAP,
    scale,
  };
}

/** Draws a PNG: one row of chips a class, enlarged pixel by pixel so that they look as they are. */
export async function drawContactSheet(sheet: ContactSheet): Promise<Buffer> {
  const { width, height, scale } = contactSheetSize(sheet);
  const pitch = scale * sheet.size + GAP;
  const canvas = new Uint8Array(width * height * 3).fill(255);
  sheet.rows.forEach(({ chips }, row) => {
    chips.slice(0, sheet.columns).forEach((chip, column) => {
      place(chip, scale, canvas, width, MARGIN + LABELS + column * pitch, MARGIN + HEADER + row * pitch);
    });
  });
  return sharp(canvas, { raw: { width, height, channels: 3 } })
    .composite([{ input: Buffer.from(drawCaptions(sheet)) }])
    .removeAlpha()
    .png({ compressionLevel: 9 })
    .toBuffer();
}

function place(
  chip: PixelImage,
  scale: number,
  canvas: Uint8Array,
  canvasWidth: number,
  left: number,
  top: number,
): void {
  for (let y = 0; y < chip.height * scale; y++) {
    for (let x = 0; x < chip.width * scale; x++) {
      const from = (Math.floor(y / scale) * chip.width + Math.floor(x / scale)) * chip.channels;
      const to = ((top + y) * canvasWidth + left + x) * 3;
      for (let c = 0; c < 3; c++) canvas[to + c] = chip.data[from + (chip.channels === 3 ? c : 0)]!;
    }
  }
}

/** The sheet's title and labels as an SVG of its size, to be laid over the chips. */
export function drawCaptions(sheet: ContactSheet): string {
  const { width, height, scale } = contactSheetSize(sheet);
  const pitch = scale * sheet.size + GAP;
  // Each label is cut off at its column's edge, so that no name reaches into the chips.
  const labels = sheet.rows.map(({ label, count }, row) => {
    const top = MARGIN + HEADER + row * pitch;
    const middle = (pitch - GAP) / 2;
    return `<svg x="${MARGIN}" y="${top}" width="${LABELS - 2 * GAP}" height="${pitch - GAP}" overflow="hidden">${
      text(0, middle - 2, 14, 600, "#1d2530", shorten(label, 18)) +
      text(0, middle + 17, 12, 400, "#5b6675", count.toLocaleString("en-US"))
    }</svg>`;
  });
  const room = Math.floor((width - 2 * MARGIN) / 12.5);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${text(
    MARGIN,
    MARGIN + 18,
    20,
    600,
    "#1d2530",
    shorten(sheet.title, room),
  )}${text(MARGIN, MARGIN + 42, 13, 400, "#5b6675", shorten(sheet.subtitle, Math.floor(room * 1.5)))}${labels.join("")}</svg>`;
}

function text(x: number, y: number, size: number, weight: number, fill: string, content: string): string {
  return `<text x="${x}" y="${y}" font-family="${FONT}" font-size="${size}" font-weight="${weight}" fill="${fill}">${escapeXml(content)}</text>`;
}

function shorten(content: string, length: number): string {
  const characters = [...content];
  return characters.length <= length ? content : `${characters.slice(0, length - 1).join("")}…`;
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** Escapes markup and leaves out what XML 1.0 cannot hold at all. */
function escapeXml(content: string): string {
  return content
    .replace(/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, "")
    .replace(/[&<>"]/g, (character) => ENTITIES[character]!);
}
