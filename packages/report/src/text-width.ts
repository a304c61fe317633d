/**
 * Advance widths of Helvetica's characters from space to tilde, in thousandths of the font size:
 * Adobe's Core 14 font metrics, Helvetica.afm.
 */
const HELVETICA: readonly number[] = [
  278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556,
  556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278,
  500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469,
  556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500,
  278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
];
/** For characters that are not of ASCII: as wide as the font size, which few exceed. */
const OTHER = 1000;
/** Helvetica-Bold's text is about this much wider. */
const BOLD = 1.07;

/** How wide a line of text is in figures, in pixels; the same on every machine, whatever fonts it has. */
export function textWidth(text: string, fontSize: number, bold: boolean): number {
  let units = 0;
  for (const character of text) units += HELVETICA[character.codePointAt(0)! - 32] ?? OTHER;
  return (units / 1000) * fontSize * (bold ? BOLD : 1);
}
