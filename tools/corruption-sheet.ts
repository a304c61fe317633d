/**
 * Draws what the robustness stage does to a face, to be looked at: a row a kind of corruption, the face as it is and after
 * each of its levels, mild to severe.
 *
 *   npx tsx --conditions=@fer-bench/source tools/corruption-sheet.ts <preprocess folder> <out.png> [row of faces.npy]
 *
 * docs/corruptions.png is of the rendered data set's face 247.
 */
import { join } from "node:path";
import { openNpy } from "@fer-bench/artifacts";
import { CORRUPTION_KINDS, CORRUPTIONS, createCorruption } from "@fer-bench/train";
import sharp from "sharp";

const SIDE = 96;
const GAP = 8;
const LABELS = 190;
const CAPTION = 18;
const MARGIN = 20;
const FONT = "font-family=\"'DejaVu Sans', Verdana, sans-serif\"";

const [folder = "", out = "", face = "12"] = process.argv.slice(2);
const faces = await openNpy(join(folder, "faces.npy"));
const [, size = 0, , channels = 1] = faces.shape;
const picture = Uint8Array.from(await faces.readRows(Number(face), 1));
await faces.close();
const format = { size, channels: channels as 1 | 3 };

const tiles: { input: Buffer; left: number; top: number }[] = [];
const texts: string[] = [];
const text = (x: number, y: number, fontSize: number, colour: string, content: string) =>
  texts.push(`<text x="${x}" y="${y}" ${FONT} font-size="${fontSize}" fill="${colour}">${content}</text>`);
const place = async (chip: Uint8Array, column: number, row: number, caption: string) => {
  const left = MARGIN + LABELS + column * (SIDE + GAP);
  const top = MARGIN + row * (SIDE + CAPTION + GAP);
  const raw = { width: size, height: size, channels: format.channels };
  const input = await sharp(chip, { raw }).resize(SIDE, SIDE, { kernel: "nearest" }).png().toBuffer();
  tiles.push({ input, left, top });
  text(left, top + SIDE + 13, 11.5, "#5b6675", caption);
};

for (const [row, kind] of CORRUPTION_KINDS.entries()) {
  const { title, unit, values } = CORRUPTIONS[kind];
  const top = MARGIN + row * (SIDE + CAPTION + GAP);
  text(MARGIN, top + 44, 15, "#1d2530", title);
  text(MARGIN, top + 62, 11, "#5b6675", unit);
  await place(picture, 0, row, "as it is");
  for (const [i, value] of values.entries()) {
    const corrupted = new Uint8Array(picture.length);
    await createCorruption({ kind, value }, format, 1)(picture, Number(face), corrupted);
    await place(corrupted, i + 1, row, String(value));
  }
}
const columns = 1 + Math.max(...CORRUPTION_KINDS.map((kind) => CORRUPTIONS[kind].values.length));
const width = 2 * MARGIN + LABELS + columns * (SIDE + GAP) - GAP;
const height = 2 * MARGIN + CORRUPTION_KINDS.length * (SIDE + CAPTION + GAP) - GAP;
const labels = Buffer.from(
  `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${texts.join("")}</svg>`,
);
await sharp({ create: { width, height, channels: 3, background: "#ffffff" } })
  .composite([...tiles, { input: labels, left: 0, top: 0 }])
  .png({ compressionLevel: 9, palette: true })
  .toFile(out);
