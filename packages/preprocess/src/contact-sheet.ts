import type { PixelImage } from "@fer-bench/datasets";
import sharp from "sharp";
import { GREY, INK, shorten, text } from "./sheet-text.ts";
import type { SourceGroup } from "./source-examples.ts";
import { drawFaces, drawLegend } from "./source-overlay.ts";

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
  /** Pictures as they came with the faces found in them, above the chips; none where faces were not searched for. */
  readonly sources?: readonly SourceGroup[];
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
/** Chips are shown at least this large, by a whole factor. */
const LEAST_SIDE = 80;

/** Pictures as they came: side of the square that each has, how many stand in a row, and the line above them. */
export const SOURCE_SIDE = 146;
export const SOURCE_COLUMNS = 8;
const SOURCE_PITCH = SOURCE_SIDE + GAP;
const LEGEND = 26;
const SECTION_GAP = 20;

/** Width and height of a sheet in pixels, and the factor by which its chips are enlarged. */
export function contactSheetSize(sheet: Pick<ContactSheet, "sources" | "rows" | "columns" | "size">): {
  width: number;
  height: number;
  scale: number;
} {
  const scale = Math.max(1, Math.ceil(LEAST_SIDE / sheet.size));
  const pitch = scale * sheet.size + GAP;
  const ofChips = sheet.columns * pitch - GAP;
  const ofSources = sheet.sources?.length ? SOURCE_COLUMNS * SOURCE_PITCH - GAP : 0;
  return {
    width: 2 * MARGIN + LABELS + Math.max(ofChips, ofSources),
    height: MARGIN + chipsTop(sheet) + sheet.rows.length * pitch - GAP,
    scale,
  };
}

/** Where the rows of pictures begin, and those of chips. */
const SOURCES_TOP = MARGIN + HEADER + LEGEND;
function chipsTop({ sources = [] }: Pick<ContactSheet, "sources">): number {
  if (sources.length === 0) return MARGIN + HEADER;
  return SOURCES_TOP + sources.length * SOURCE_PITCH + SECTION_GAP;
}

/**
 * Draws a PNG: pictures with their boxes and landmarks, a row a kind, where there are any; and one row of chips a class,
 * enlarged pixel by pixel so that they look as they are.
 */
export async function drawContactSheet(sheet: ContactSheet): Promise<Buffer> {
  const { width, height, scale } = contactSheetSize(sheet);
  const pitch = scale * sheet.size + GAP;
  const canvas = new Uint8Array(width * height * 3).fill(255);
  sheet.sources?.forEach(({ examples }, row) => {
    examples.slice(0, SOURCE_COLUMNS).forEach(({ picture }, column) => {
      const { left, top } = sourcePlace(picture, row, column);
      place(picture, 1, canvas, width, left, top);
    });
  });
  sheet.rows.forEach(({ chips }, row) => {
    chips.slice(0, sheet.columns).forEach((chip, column) => {
      place(chip, scale, canvas, width, MARGIN + LABELS + column * pitch, chipsTop(sheet) + row * pitch);
    });
  });
  return sharp(canvas, { raw: { width, height, channels: 3 } })
    .composite([{ input: Buffer.from(drawCaptions(sheet)) }])
    .removeAlpha()
    .png({ compressionLevel: 9 })
    .toBuffer();
}

function sourceSquare(row: number, column: number) {
  return { left: MARGIN + LABELS + column * SOURCE_PITCH, top: SOURCES_TOP + row * SOURCE_PITCH };
}

/** In the middle of its square. */
function sourcePlace({ width, height }: PixelImage, row: number, column: number) {
  const { left, top } = sourceSquare(row, column);
  return {
    left: left + Math.floor((SOURCE_SIDE - width) / 2),
    top: top + Math.floor((SOURCE_SIDE - height) / 2),
  };
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

/** The sheet's title, labels, boxes and landmarks as an SVG of its size, to be laid over the pictures. */
export function drawCaptions(sheet: ContactSheet): string {
  const { width, height, scale } = contactSheetSize(sheet);
  const side = scale * sheet.size;
  const labels = sheet.rows.map((row, i) => rowLabel(row, chipsTop(sheet) + i * (side + GAP), side));
  const room = Math.floor((width - 2 * MARGIN) / 12.5);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${text(
    MARGIN,
    MARGIN + 18,
    20,
    600,
    INK,
    shorten(sheet.title, room),
  )}${text(MARGIN, MARGIN + 42, 13, 400, GREY, shorten(sheet.subtitle, Math.floor(room * 1.5)))}${drawSources(sheet.sources ?? [])}${labels.join("")}</svg>`;
}

/** Cut off at its column's edge, so that no name reaches into the pictures. */
function rowLabel({ label, count }: { label: string; count: number }, top: number, height: number): string {
  const middle = height / 2;
  return `<svg x="${MARGIN}" y="${top}" width="${LABELS - 2 * GAP}" height="${height}" overflow="hidden">${
    text(0, middle - 2, 14, 600, INK, shorten(label, 18)) +
    text(0, middle + 17, 12, 400, GREY, count.toLocaleString("en-US"))
  }</svg>`;
}

function drawSources(groups: readonly SourceGroup[]): string {
  if (groups.length === 0) return "";
  const rows = groups.map(({ label, count, examples }, row) => {
    const overlays = examples
      .slice(0, SOURCE_COLUMNS)
      .map((example, column) => {
        const { picture } = example;
        const square = sourceSquare(row, column);
        const place = sourcePlace(picture, row, column);
        return `<svg x="${square.left}" y="${square.top}" width="${SOURCE_SIDE}" height="${SOURCE_SIDE}" overflow="hidden">${drawFaces(example, place.left - square.left, place.top - square.top, SOURCE_SIDE)}</svg>`;
      })
      .join("");
    return rowLabel({ label, count }, SOURCES_TOP + row * SOURCE_PITCH, SOURCE_SIDE) + overlays;
  });
  return drawLegend(MARGIN + LABELS, MARGIN + HEADER + 8) + rows.join("");
}
