import { createRandom, shuffle } from "@fer-bench/artifacts";
import type { PixelImage, RawSample } from "@fer-bench/datasets";
import sharp from "sharp";
import { expect, it } from "vitest";
import { contactSheetSize, drawCaptions, drawContactSheet, SOURCE_SIDE } from "./contact-sheet.ts";
import type { LocatedFace } from "./located-face.ts";
import { createSourceExamples } from "./source-examples.ts";

const WIDE: PixelImage = { width: 300, height: 150, channels: 3, data: new Uint8Array(135_000).fill(200) };
const SMALL: PixelImage = { width: 40, height: 48, channels: 1, data: new Uint8Array(1920).fill(60) };

function sample(i: number, image = WIDE): RawSample {
  return { id: `s${i}`, split: "train", label: "happy", path: `s${i}.png`, image };
}

const box = { left: 60, top: 30, width: 90, height: 90 };
const face = (found: string, among = 1): LocatedFace => ({
  box,
  detected: box,
  roll: 0.2,
  score: 1.25,
  landmarks: Float32Array.of(99.5, 74.5, 119.5, 59.5),
  found,
  among,
});

it("groups pictures by how the search went, failures first", async () => {
  const examples = createSourceExamples(4, 100);
  await examples.add(sample(0), [face("detected")]);
  await examples.add(sample(1), []);
  await examples.add(sample(2), [{ box, found: "whole-image", among: 0 }]);
  await examples.add(sample(3), [face("detected", 3)]);
  await examples.add(sample(4), [face("detected-upsampled")]);
  await examples.add(sample(5), [face("detected")]);
  expect(examples.groups().map(({ label, count }) => [label, count])).toEqual([
    ["no face", 2],
    ["several faces", 1],
    ["upsampled", 1],
    ["one face", 2],
  ]);
});

it("keeps the same few of them in whatever order they come, made to fit", async () => {
  const numbers = Array.from({ length: 60 }, (_, i) => i);
  const keptOf = async (order: readonly number[]) => {
    const examples = createSourceExamples(5, 100);
    for (const i of order) await examples.add(sample(i), [{ ...face("detected"), score: i }]);
    const [group] = examples.groups();
    expect(group).toMatchObject({ label: "one face", count: 60 });
    return group!.examples;
  };
  const kept = await keptOf(numbers);
  expect(kept).toHaveLength(5);
  expect(await keptOf(shuffle([...numbers], createRandom("source-examples")))).toEqual(kept);
  expect(kept[0]!.picture).toMatchObject({ width: 100, height: 50, channels: 3 });
  expect(kept[0]!.scale).toBeCloseTo(1 / 3);
  const [enlarged] = await (async () => {
    const examples = createSourceExamples(5, 96);
    await examples.add(sample(0, SMALL), []);
    return examples.groups()[0]!.examples;
  })();
  expect(enlarged).toMatchObject({ scale: 2, picture: { width: 80, height: 96, channels: 1 } });
});

it("is drawn with box, landmarks, score and what becomes the chip, above the chips", async () => {
  const examples = createSourceExamples();
  await examples.add(sample(0), []);
  await examples.add(sample(1), [face("detected")]);
  const chip = { width: 48, height: 48, channels: 1 as const, data: new Uint8Array(48 * 48).fill(10) };
  const rows = [{ label: "happy", count: 1, chips: [chip] }];
  const sheet = { title: "Faces", subtitle: "two", sources: examples.groups(), rows, columns: 12, size: 48 };
  const svg = drawCaptions(sheet);
  expect(svg).toContain(">no face</text>");
  expect(svg).toContain(">1.25</text>");
  // At 146 pixels for 300: the box, and of the landmark, whose pixel's middle is at 100, 75, its middle.
  expect(svg).toContain('<rect x="29.2" y="14.6" width="43.8" height="43.8"');
  expect(svg).toContain('<circle cx="48.7" cy="36.5"');
  expect(svg.match(/<polygon/g)).toHaveLength(1);
  const [corner] = /<polygon points="([\d.-]+),([\d.-]+)/.exec(svg)!.slice(1).map(Number);
  const [cos, sin] = [Math.cos(0.2), Math.sin(0.2)];
  expect(corner).toBeCloseTo((105 - 45 * cos + 45 * sin) * (SOURCE_SIDE / 300), 1);

  const { width, height } = contactSheetSize(sheet);
  const png = await drawContactSheet(sheet);
  const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
  expect([info.width, info.height]).toEqual([width, height]);
  expect(contactSheetSize({ ...sheet, sources: [] }).height).toBeLessThan(height);
  const counts = new Map<number, number>();
  for (let i = 0; i < data.length; i += 3) {
    if (data[i] === data[i + 1] && data[i] === data[i + 2])
      counts.set(data[i]!, (counts.get(data[i]!) ?? 0) + 1);
  }
  expect(counts.get(10)).toBeGreaterThanOrEqual(96 * 96);
  expect(counts.get(200)).toBeGreaterThan(1.8 * 146 * 73);
  expect(png.equals(await drawContactSheet(sheet))).toBe(true);
});
