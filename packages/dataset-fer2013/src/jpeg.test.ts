import { expect, test } from "vitest";
import { savedAsJpeg } from "./copies.test.helper.ts";
import { jpegQuantisation, quantisationBound } from "./jpeg.ts";
import { standardQuality } from "./jpeg-quality.ts";
import { picture } from "./small-set.test.helper.ts";

const rms = (a: Uint8Array, b: Uint8Array): number =>
  Math.sqrt(a.reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0) / a.length);

test("libjpeg's tables tell the quality they were scaled to", async () => {
  for (const quality of [1, 30, 49, 50, 75, 92, 100]) {
    const { jpeg } = await savedAsJpeg(picture("q"), { quality });
    expect(standardQuality(jpegQuantisation(jpeg!)!)).toBe(quality);
  }
});

test("the luma table is found in colour, progressive and MozJPEG files too", async () => {
  const colour = await savedAsJpeg(picture("q"), { quality: 80, colour: true });
  expect(standardQuality(jpegQuantisation(colour.jpeg!)!)).toBe(80);
  const other = await savedAsJpeg(picture("q"), { quality: 80, mozjpeg: true });
  expect(jpegQuantisation(other.jpeg!)).toHaveLength(64);
  expect(standardQuality(jpegQuantisation(other.jpeg!)!)).toBeUndefined();
});

test("no JPEG, no table: other files, and JPEGs that end early", async () => {
  expect(jpegQuantisation(Buffer.from("not a picture"))).toBeUndefined();
  const { jpeg } = await savedAsJpeg(picture("q"), { quality: 80 });
  const frame = jpeg!.indexOf(Buffer.from([0xff, 0xc0]));
  for (let length = 0; length < frame + 4; length++) {
    expect(jpegQuantisation(jpeg!.subarray(0, length))).toBeUndefined();
  }
});

test("JPEGs are no further from their pictures than the bound", async () => {
  for (const quality of [50, 75, 85, 95, 100]) {
    let squares = 0;
    let bound = 0;
    for (let n = 0; n < 40; n++) {
      const original = picture("bound", n);
      const { grey, jpeg } = await savedAsJpeg(original, { quality });
      squares += rms(grey.data, original.data) ** 2;
      bound = quantisationBound(jpegQuantisation(jpeg!)!);
    }
    expect(Math.sqrt(squares / 40)).toBeLessThan(bound);
  }
});
