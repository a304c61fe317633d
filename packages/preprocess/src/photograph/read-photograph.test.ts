import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeImage } from "@fer-bench/datasets";
import sharp from "sharp";
import { afterAll, describe, expect, it } from "vitest";
import { readPhotograph } from "./read-photograph.ts";

const folder = mkdtempSync(join(tmpdir(), "fer-bench-photographs-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A smooth picture in which every place has its own colour. */
function gradient(width: number, height: number): Buffer {
  const data = Buffer.alloc(width * height * 3);
  for (let i = 0; i < width * height; i++) {
    const [x, y] = [i % width, Math.floor(i / width)];
    data.set([(255 * x) / width, (255 * y) / height, 128], 3 * i);
  }
  return data;
}
const picture = (width = 40, height = 30) =>
  sharp(gradient(width, height), { raw: { width, height, channels: 3 } });

describe("reading a photograph", () => {
  it("turns it as its EXIF orientation says, as sharp does", async () => {
    for (const orientation of [1, 2, 3, 4, 5, 6, 7, 8]) {
      const bytes = await picture().withMetadata({ orientation }).tiff({ compression: "lzw" }).toBuffer();
      const { image, width, height, scale } = await readPhotograph(bytes);
      expect(image).toEqual(await decodeImage(bytes, "reference"));
      expect([width, height]).toEqual(orientation >= 5 ? [30, 40] : [40, 30]);
      expect(scale).toBe(1);
    }
  });

  it("keeps grey one channel, and lays transparent parts on black", async () => {
    const grey = Buffer.from([0, 1, 127, 254, 255, 9]);
    const raw = { raw: { width: 3, height: 2, channels: 1 as const } };
    const png = await sharp(grey, raw).toColourspace("b-w").png().toBuffer();
    const { image } = await readPhotograph(png);
    expect(image.channels).toBe(1);
    expect(Buffer.from(image.data)).toEqual(grey);

    const background = { r: 200, g: 100, b: 50, alpha: 0.5 };
    const clear = await sharp({ create: { width: 1, height: 1, channels: 4, background } })
      .png()
      .toBuffer();
    expect([...(await readPhotograph(clear)).image.data]).toEqual([100, 50, 25]);
  });

  it("brings CMYK to RGB", async () => {
    const background = { r: 220, g: 30, b: 40 };
    const bytes = await sharp({ create: { width: 8, height: 8, channels: 3, background } })
      .toColourspace("cmyk")
      .jpeg({ quality: 95 })
      .toBuffer();
    const { space } = await sharp(bytes).metadata();
    expect(space).toBe("cmyk");
    const { image } = await readPhotograph(bytes);
    expect(image.channels).toBe(3);
    const [red, green, blue] = image.data as unknown as [number, number, number];
    expect(red).toBeGreaterThan(150);
    expect(Math.max(green, blue)).toBeLessThan(100);
  });

  it("reduces 16 bits to 8", async () => {
    const levels = Uint16Array.of(0, 257, 0x7f80, 0xffff);
    const bytes = await sharp(levels, { raw: { width: 4, height: 1, channels: 1 } })
      .toColourspace("grey16")
      .png()
      .toBuffer();
    expect((await sharp(bytes).metadata()).depth).toBe("ushort");
    const { image } = await readPhotograph(bytes);
    expect(image.channels).toBe(1);
    expect([...image.data].map((level, i) => Math.abs(level - levels[i]! / 257) <= 1)).toEqual([
      true,
      true,
      true,
      true,
    ]);
  });

  it("takes the first frame of an animation", async () => {
    const frames = Buffer.concat([Buffer.alloc(12 * 3, 250), Buffer.alloc(12 * 3, 5)]);
    const gif = await sharp(frames, { raw: { width: 4, height: 6, channels: 3, pageHeight: 3 } })
      .gif()
      .toBuffer();
    expect((await sharp(gif).metadata()).pages).toBe(2);
    const { image } = await readPhotograph(gif);
    expect([image.width, image.height]).toEqual([4, 3]);
    expect(Math.min(...image.data)).toBeGreaterThan(200);
  });

  it("reduces a large one, from a file, and says by how much", async () => {
    const file = join(folder, "large.jpg");
    writeFileSync(file, await picture(3000, 2000).withMetadata({ orientation: 6 }).jpeg().toBuffer());
    const { image, width, height, scale } = await readPhotograph(file, { longestSide: 600 });
    expect([image.width, image.height, width, height]).toEqual([400, 600, 2000, 3000]);
    expect(scale).toBeCloseTo(0.2, 10);
    // Orientation 6: the stored picture's first column is the upright one's first row; its red grows with y.
    const at = (x: number, y: number) => image.data[3 * (y * image.width + x)]!;
    expect(at(200, 10)).toBeLessThan(20);
    expect(at(200, 590)).toBeGreaterThan(235);
  });
});

describe("what is no photograph", () => {
  it("is refused by name", async () => {
    const drawing = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="4" height="4"/>');
    for (const bytes of [drawing, Buffer.alloc(0), Buffer.from("text")]) {
      await expect(readPhotograph(bytes, { name: "folder/x.jpg" })).rejects.toMatchObject({
        code: "bad-data",
        file: "folder/x.jpg",
      });
    }
    await expect(readPhotograph(join(folder, "none.jpg"))).rejects.toMatchObject({ code: "missing" });
    await expect(readPhotograph(folder)).rejects.toMatchObject({ code: "bad-data", file: folder });
  });
});
