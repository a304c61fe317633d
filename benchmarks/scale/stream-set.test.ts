import { type RawSample, SPLITS } from "@fer-bench/datasets";
import { expect, test } from "vitest";
import streamSet, { CLASSES, labelOf, repeatedImages, splitOf } from "./stream-set.ts";

async function take(count: number): Promise<RawSample[]> {
  const samples: RawSample[] = [];
  const options = { count, seed: 1 };
  const progress = { start: () => ({ update() {}, end() {} }), note() {} };
  for await (const sample of streamSet.samples({ rawDir: "", options, progress })) samples.push(sample);
  return samples;
}

test("the stream gives the same pictures every time, of every class and split", async () => {
  const samples = await take(400);
  expect(await take(400)).toEqual(samples);
  expect(new Set(samples.map(({ split }) => split))).toEqual(new Set(SPLITS));
  expect(new Set(samples.map(({ label }) => label))).toEqual(new Set(CLASSES));
  expect(samples.every(({ split, label }, i) => split === splitOf(i) && label === labelOf(i))).toBe(true);
});

test("one in a hundred is a copy, every other of these not to the pixel", async () => {
  const samples = await take(400);
  const pixels = samples.map(({ image }) => Buffer.from(image.data).toString("base64"));
  expect(pixels[99]).toBe(pixels[49]);
  expect(pixels[299]).toBe(pixels[249]);
  expect(new Set(pixels).size).toBe(398);
  const mean = (i: number) => samples[i]!.image.data.reduce((a, b) => a + b, 0) / 48 ** 2;
  expect(mean(199) - mean(149)).toBeGreaterThan(4);
  expect(repeatedImages(400)).toBe(8);
});
