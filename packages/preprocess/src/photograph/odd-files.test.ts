import { FerBenchError } from "@fer-bench/artifacts";
import { expect, it } from "vitest";
import { oddFiles } from "./odd-files.test.helper.ts";
import { readPhotograph } from "./read-photograph.ts";

const COUNT = 500;
/** Far more than any of them takes alone, and far less than what would hang a run. */
const MOST_MS = 45_000;
const MOST_MEGABYTES = 600;

it(`gives an error that names the file, or a picture, for ${COUNT} damaged and odd files`, {
  timeout: 480_000,
}, async () => {
  const files = await oddFiles(COUNT, 4);
  const before = process.memoryUsage.rss();
  let [pictures, peak] = [0, before];
  for (const { what, bytes } of files) {
    const started = performance.now();
    try {
      const { image } = await readPhotograph(bytes, { name: what });
      expect(image.data.length, what).toBe(image.width * image.height * image.channels);
      expect(Math.max(image.width, image.height), what).toBeLessThanOrEqual(2048);
      pictures++;
    } catch (error) {
      expect(error, what).toBeInstanceOf(FerBenchError);
      expect(error, what).toMatchObject({ code: "bad-data", file: what });
    }
    expect(performance.now() - started, what).toBeLessThan(MOST_MS);
    peak = Math.max(peak, process.memoryUsage.rss());
  }
  // Both happen: damage in the pixels of some formats only changes them.
  expect(pictures).toBeGreaterThan(COUNT / 10);
  expect(pictures).toBeLessThan(COUNT / 2);
  expect((peak - before) / 2 ** 20).toBeLessThan(MOST_MEGABYTES);
});
