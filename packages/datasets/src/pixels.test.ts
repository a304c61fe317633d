import { createHash } from "node:crypto";
import sharp from "sharp";
import { expect, test } from "vitest";
import { decodeImage, pixelSha256 } from "./pixels.ts";

const red = { r: 200, g: 10, b: 30 };
const rgb = () => sharp({ create: { width: 3, height: 2, channels: 3, background: red } });

test("lossless forms of one picture decode to the same pixels", async () => {
  const png = await decodeImage(await rgb().png().toBuffer(), "a.png");
  const tiff = await decodeImage(await rgb().tiff({ compression: "lzw" }).toBuffer(), "a.tif");
  expect(png).toMatchObject({ width: 3, height: 2, channels: 3 });
  expect([...png.data.subarray(0, 3)]).toEqual([200, 10, 30]);
  expect(pixelSha256(tiff)).toBe(pixelSha256(png));
});

test("grey stays one channel, at its values", async () => {
  const data = Buffer.from([0, 1, 127, 254, 255, 9]);
  const png = await sharp(data, { raw: { width: 3, height: 2, channels: 1 } })
    .toColourspace("b-w")
    .png()
    .toBuffer();
  const image = await decodeImage(png, "grey.png");
  expect(image.channels).toBe(1);
  expect(Buffer.from(image.data)).toEqual(data);
});

test("the camera's orientation is applied", async () => {
  const turned = await rgb().jpeg().withMetadata({ orientation: 6 }).toBuffer();
  expect(await decodeImage(turned, "turned.jpg")).toMatchObject({ width: 2, height: 3 });
});

test("alpha is laid on black", async () => {
  const clear = { r: 255, g: 255, b: 255, alpha: 0 };
  const png = await sharp({ create: { width: 1, height: 1, channels: 4, background: clear } })
    .png()
    .toBuffer();
  expect([...(await decodeImage(png, "clear.png")).data]).toEqual([0, 0, 0]);
});

test("the checksum is that of the size line and the values", () => {
  const data = Uint8Array.from([1, 2]);
  const expected = createHash("sha256").update(Buffer.from("2x1x1\n\x01\x02", "latin1")).digest("hex");
  expect(pixelSha256({ width: 2, height: 1, channels: 1, data })).toBe(expected);
});

test.each([
  ["text", Buffer.from("no picture")],
  ["nothing", Buffer.alloc(0)],
  ["a drawing", Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="4" height="4"/>')],
])("%s is refused by name", async (_what, bytes) => {
  await expect(decodeImage(bytes, "folder/x.jpg")).rejects.toMatchObject({
    code: "bad-data",
    file: "folder/x.jpg",
  });
});

test("a picture cut off in the middle is refused", async () => {
  const noise = Buffer.from(Array.from({ length: 64 * 64 * 3 }, (_, i) => (i * 7919) % 251));
  const whole = await sharp(noise, { raw: { width: 64, height: 64, channels: 3 } })
    .png()
    .toBuffer();
  await expect(decodeImage(whole.subarray(0, whole.length / 2), "cut.png")).rejects.toMatchObject({
    file: "cut.png",
  });
});
