import { describe, expect, it, onTestFinished } from "vitest";
import { openFaceCutter } from "./cut-faces.ts";
import { startCutThreads } from "./cut-threads.ts";
import { FaceSettings } from "./locate.ts";
import { portraits, scaledTo } from "./portraits.test.helper.ts";

const settings = {
  face: FaceSettings.parse({ kind: "dlib", ifNone: "whole" }),
  size: 48,
  channels: 1,
} as const;
const samples = portraits
  .slice(0, 3)
  .map((image, i) => ({ id: `s${i}`, path: `s${i}.png`, image: scaledTo(image, 160) }));

describe("threads that cut faces", () => {
  it("give what is cut without them, and leave the caller his pixels", async () => {
    const threads = startCutThreads(2, settings);
    onTestFinished(() => threads.close());
    const cut = await openFaceCutter(settings);
    // A part of something larger.
    const inLarger = samples.map((sample) => {
      const data = new Uint8Array(sample.image.data.length + 7).subarray(7);
      data.set(sample.image.data);
      return { ...sample, image: { ...sample.image, data } };
    });
    const faces = await Promise.all(inLarger.map((sample) => threads.cut(sample)));
    expect(faces).toEqual(await Promise.all(samples.map((sample) => cut(sample))));
    expect(inLarger.map(({ image }) => image.data)).toEqual(samples.map(({ image }) => image.data));
  });

  it("refuse every picture where they cannot begin, with the reason", async () => {
    const threads = startCutThreads(1, { ...settings, landmarks: "no-such.dat" });
    onTestFinished(() => threads.close());
    for (const sample of samples) {
      await expect(threads.cut(sample)).rejects.toMatchObject({ code: "missing", file: "no-such.dat" });
    }
  });

  it("leave nobody waiting who asks while they end, or afterwards", async () => {
    const threads = startCutThreads(1, settings);
    const asked = threads.cut(samples[0]!);
    asked.catch(() => {});
    await threads.close();
    await expect(asked).rejects.toThrow("ended");
    await expect(threads.cut(samples[0]!)).rejects.toThrow("ended");
  });
});
