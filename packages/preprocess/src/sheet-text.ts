export const FONT = "'DejaVu Sans', Verdana, Arial, sans-serif";
export const INK = "#1d2530";
export const GREY = "#5b6675";

/** A line of a sheet as SVG. */
export function text(
  x: number,
  y: number,
  size: number,
  weight: number,
  fill: string,
  content: string,
): string {
  return `<text x="${x}" y="${y}" font-family="${FONT}" font-size="${size}" font-weight="${weight}" fill="${fill}">${escapeXml(content)}</text>`;
}

export function shorten(content: string, length: number): string {
  const characters = [...content];
  return characters.length <= length ? content : `${characters.slice(0, length - 1).join("")}…`;
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** Escapes markup and leaves out what XML 1.0 cannot hold at all. */
export function escapeXml(content: string): string {
  return content
    .replace(/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, "")
    .replace(/[&<>"]/g, (character) => ENTITIES[character]!);
}
