import type { PixelImage } from "@fer-bench/datasets";
import sharp from "sharp";
import { expect, it } from "vitest";
import { contactSheetSize, drawCaptions, drawContactSheet } from "./contact-sheet.ts";

function chip(level: number): PixelImage {
  return { width: 48, height: 48, channels: 1, data: new Uint8Array(48 * 48).fill(level) };
}

const sheet = {
  title: "<b>Faces & co.</b>",
  subtitle: 'the "small" set',
  rows: [
    { label: "angry", count: 1234, chips: [chip(10), chip(60)] },
    { label: "</text><script>\u0000", count: 1, chips: [chip(200)] },
  ],
  columns: 3,
  size: 48,
};

it("has room for every row and column of chips, shown twice as large", async () => {
  const { width, height, scale } = contactSheetSize(sheet);
  const png = await sharp(await drawContactSheet(sheet)).metadata();
  expect([png.format, png.width, png.height, png.channels]).toEqual(["png", width, height, 3]);
  expect(scale).toBe(2);
  expect(width).toBeGreaterThan(3 * 96);
  expect(height).toBeGreaterThan(2 * 96);
});

it("shows the chips' own pixels, each in its place", async () => {
  const { width } = contactSheetSize(sheet);
  const pixels = await sharp(await drawContactSheet(sheet))
    .raw()
    .toBuffer();
  const counts = new Map<number, number>();
  for (let i = 0; i < pixels.length; i += 3) {
    if (pixels[i] === pixels[i + 1] && pixels[i] === pixels[i + 2]) {
      counts.set(pixels[i]!, (counts.get(pixels[i]!) ?? 0) + 1);
    }
  }
  for (const level of [10, 60, 200]) expect(counts.get(level)).toBeGreaterThanOrEqual(96 * 96);
  const first = (level: number): { x: number; y: number } => {
    const at =
      pixels.findIndex((value, i) => i % 3 === 0 && value === level && pixels[i + 3 * 95] === level) / 3;
    return { x: at % width, y: Math.floor(at / width) };
  };
  expect(first(60)).toEqual({ x: first(10).x + 100, y: first(10).y });
  expect(first(200)).toEqual({ x: first(10).x, y: first(10).y + 100 });
});

it("writes title, names and counts as text, whatever they are made of", () => {
  const svg = drawCaptions(sheet);
  expect(svg).toContain(">&lt;b&gt;Faces &amp; co.&lt;/b&gt;</text>");
  expect(svg).toContain(">the &quot;small&quot; set</text>");
  expect(svg).toContain(">angry</text>");
  expect(svg).toContain(">1,234</text>");
  expect(svg).not.toContain("<script");
  expect(svg).not.toContain("\u0000");
});

it("draws the same bytes twice", async () => {
  expect((await drawContactSheet(sheet)).equals(await drawContactSheet(sheet))).toBe(true);
});
