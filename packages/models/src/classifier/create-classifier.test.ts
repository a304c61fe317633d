import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { interpret } from "../graph/interpreter.test.support.ts";
import { joined, pictures, relativeDifference } from "../graph/sample-data.test.support.ts";
import { convertChannels } from "../run/picture-channels.ts";
import { createClassifier, type RunningClassifier } from "./create-classifier.ts";
import { CLASSES, linearClassifier } from "./sample-classifier.test.support.ts";

describe("a classifier at work", () => {
  const colour = linearClassifier({ height: 5, width: 4, channels: 3 });
  const grey = linearClassifier({ height: 5, width: 4, channels: 1 });
  let ofColour: RunningClassifier;
  let ofGrey: RunningClassifier;
  beforeAll(async () => {
    ofColour = await createClassifier(colour, { threads: 1 });
    ofGrey = await createClassifier(grey, { threads: 1, batchSize: 2 });
  });
  afterAll(() => Promise.all([ofColour.close(), ofGrey.close()]));

  it("names the most probable class of each picture", async () => {
    expect(ofColour).toMatchObject({ classes: CLASSES, input: { height: 5, width: 4, channels: 3 } });
    const samples = pictures(colour.graph, 5);
    const found = await ofColour.classify(joined(samples), 5);
    const expected = interpret(colour.graph, colour.weights, samples);
    expect(found).toHaveLength(5);
    found.forEach(({ label, probability, probabilities }, i) => {
      expect(relativeDifference(probabilities, expected[i]!)).toBeLessThan(1e-5);
      expect(probability).toBe(Math.max(...probabilities));
      expect(label).toBe(CLASSES[probabilities.indexOf(probability)]);
    });
  });

  it("classifies one picture without a count, any number with one, and none", async () => {
    const samples = pictures(grey.graph, 5);
    const [alone] = await ofGrey.classify(samples[3]!);
    expect((await ofGrey.classify(joined(samples), 5))[3]).toEqual(alone);
    expect(await ofGrey.classify(new Uint8Array(0), 0)).toEqual([]);
  });

  it("takes colour for grey by its luma, and grey for colour three times", async () => {
    const [rgb] = pictures(colour.graph, 1);
    const [luma] = pictures(grey.graph, 1);
    expect(await ofGrey.classify(rgb!)).toEqual(await ofGrey.classify(convertChannels(rgb!, 3, 1)));
    const repeated = Uint8Array.from([...luma!].flatMap((value) => [value, value, value]));
    expect(await ofColour.classify(luma!)).toEqual(await ofColour.classify(repeated));
  });

  it("refuses pictures of another size, and says which it reads", async () => {
    await expect(ofGrey.classify(new Uint8Array(48 * 48), 2)).rejects.toMatchObject({
      code: "bad-data",
      message: "2 pictures are a Uint8Array [2, 5, 4, 1 or 3], not 2304 values",
      remedy: "resize each to 4x5 pixels, and say how many there are",
    });
    for (const [values, count] of [
      [new Uint8Array(40), 1],
      [new Uint8Array(0), 1],
      [new Uint8Array(20), 0],
      [new Uint8Array(20), -1],
      [new Uint8Array(30), 1.5],
      [new Float32Array(20) as unknown as Uint8Array, 1],
      [undefined as unknown as Uint8Array, 1],
    ] as const) {
      await expect(ofGrey.classify(values, count)).rejects.toMatchObject({ code: "bad-data" });
    }
  });
});

it("turns colour to grey as OpenCV does: pure red, green and blue, white, and a mixture", () => {
  const rgb = [255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255, 10, 200, 30];
  expect([...convertChannels(Uint8Array.from(rgb), 3, 1)]).toEqual([76, 150, 29, 255, 124]);
});
