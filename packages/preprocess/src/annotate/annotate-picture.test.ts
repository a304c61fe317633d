import type { PixelImage } from "@fer-bench/datasets";
import { describe, expect, it } from "vitest";
import { annotatePicture, type FaceMark } from "./annotate-picture.ts";

function flat(width: number, height: number, level: number, channels: 1 | 3 = 3): PixelImage {
  return { width, height, channels, data: new Uint8Array(width * height * channels).fill(level) };
}

/** As #rrggbb. */
function pixel({ width, data }: PixelImage, x: number, y: number): string {
  const at = 3 * (y * width + x);
  return `#${[...data.subarray(at, at + 3)].map((level) => level.toString(16).padStart(2, "0")).join("")}`;
}

/** Left, top, right and bottom of the pixels that are `colour`. */
function extentOf({ width, height, data }: PixelImage, colour: string): [number, number, number, number] {
  const [red, green, blue] = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
  let [left, top, right, bottom] = [width, height, -1, -1];
  for (let i = 0; i < width * height; i++) {
    if (data[3 * i] !== red || data[3 * i + 1] !== green || data[3 * i + 2] !== blue) continue;
    const [x, y] = [i % width, Math.floor(i / width)];
    [left, top] = [Math.min(left, x), Math.min(top, y)];
    [right, bottom] = [Math.max(right, x), Math.max(bottom, y)];
  }
  return [left, top, right, bottom];
}

const mark = (box: FaceMark["box"], more: Partial<FaceMark> = {}): FaceMark => ({
  box,
  label: "happy 93%",
  ...more,
});
const box = { left: 300, top: 200, width: 200, height: 200 };

describe("an annotated picture", () => {
  it("has the box, and a label above it in the same colour, and is otherwise the picture", async () => {
    const drawn = await annotatePicture(flat(800, 600, 90), [mark(box, { colour: "#e69f00" })]);
    expect([drawn.width, drawn.height, drawn.channels]).toEqual([800, 600, 3]);
    for (const [x, y] of [
      [300, 300],
      [499, 300],
      [400, 399],
    ] as const) {
      expect(pixel(drawn, x, y)).toBe("#e69f00");
    }
    const [left, top, right, bottom] = extentOf(drawn, "#e69f00");
    expect(left).toBeGreaterThan(295);
    expect(right).toBeLessThan(505);
    expect(bottom).toBeLessThan(405);
    expect(top).toBeLessThan(190);
    expect(top).toBeGreaterThan(140);
    expect(pixel(drawn, 400, 300)).toBe("#5a5a5a");
    expect(pixel(drawn, 50, 50)).toBe("#5a5a5a");
  });

  it("writes black on light and white on dark grounds", async () => {
    for (const [colour, ink] of [
      ["#e69f00", "#000000"],
      ["#0072b2", "#ffffff"],
    ] as const) {
      const drawn = await annotatePicture(flat(800, 600, 90), [mark(box, { colour })]);
      const [left, top, right, bottom] = extentOf(drawn, ink);
      expect(left).toBeGreaterThan(300);
      expect(right - left).toBeGreaterThan(60);
      expect(right).toBeLessThan(500);
      expect(top).toBeGreaterThan(150);
      expect(bottom).toBeLessThan(200);
    }
  });

  it("can be seen on ground of its own colour", async () => {
    const ground: PixelImage = flat(640, 640, 0);
    for (let i = 0; i < ground.data.length; i += 3) ground.data.set([0x56, 0xb4, 0xe9], i);
    const drawn = await annotatePicture(ground, [mark(box)]);
    const edge = [297, 298, 302, 303].map((x) => pixel(drawn, x, 300));
    expect(edge.some((colour) => colour !== "#56b4e9")).toBe(true);
  });

  it("enlarges small pictures by a whole number, grey ones becoming RGB", async () => {
    const small = { left: 12, top: 12, width: 24, height: 24 };
    const drawn = await annotatePicture(flat(48, 48, 200, 1), [mark(small)]);
    expect([drawn.width, drawn.height, drawn.channels]).toEqual([672, 672, 3]);
    expect(pixel(drawn, 168, 300)).toBe("#56b4e9");
    expect(pixel(drawn, 336, 336)).toBe("#c8c8c8");
    const strip = await annotatePicture(flat(3, 2, 0), []);
    expect([strip.width, strip.height]).toEqual([48, 32]);
  });

  it("shows boxes that reach beyond the picture, and labels longer than it", async () => {
    const drawn = await annotatePicture(flat(640, 500, 30), [
      mark({ left: -50, top: -50, width: 800, height: 700 }, { colour: "#009e73" }),
    ]);
    const [left, top, right, bottom] = extentOf(drawn, "#009e73");
    expect(left).toBeGreaterThan(0);
    expect(top).toBeGreaterThan(0);
    expect(right).toBeGreaterThan(620);
    expect(right).toBeLessThan(639);
    expect(bottom).toBeLessThan(499);
    const wordy = await annotatePicture(flat(640, 640, 30), [
      mark(box, { label: "<an expression & its name> ".repeat(8), colour: "#0072b2" }),
    ]);
    const [from, , to] = extentOf(wordy, "#ffffff");
    expect(from).toBeGreaterThanOrEqual(0);
    expect(to).toBeLessThan(640);
  });

  it("marks landmarks where they are, and the chip's outline turned", async () => {
    const drawn = await annotatePicture(flat(640, 640, 120), [
      mark(box, {
        landmarks: [400, 300],
        chip: { box: { left: 350, top: 250, width: 100, height: 100 }, roll: Math.PI / 4 },
      }),
    ]);
    expect(pixel(drawn, 400, 300)).toBe("#ffffff");
    // The square stands on its corner: its sides pass here, and no side is where it was.
    expect(pixel(drawn, 400, 230)).not.toBe("#787878");
    expect(pixel(drawn, 352, 254)).toBe("#787878");
  });

  it("says in the corner what there is to say", async () => {
    const drawn = await annotatePicture(flat(640, 640, 120), [], { caption: "no face found" });
    const [left, top, right] = extentOf(drawn, "#11151c");
    expect(Math.max(left, top)).toBeLessThan(20);
    expect(right).toBeGreaterThan(100);
  });
});
