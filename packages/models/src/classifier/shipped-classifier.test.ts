import { existsSync, readFileSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createRandom, randomInt } from "@fer-bench/artifacts";
import { describe, expect, it } from "vitest";
import { findBackbone, listBackbones } from "../index.ts";
import { createFeatureExtractor } from "../run/predictor.ts";
import { createClassifier } from "./create-classifier.ts";
import { shippedClassifier } from "./shipped-classifier.ts";

const NAME = "efficientnetv2-48.fer2013";
const inPackage = (name: string) => fileURLToPath(new URL(`../../weights/${name}`, import.meta.url));
const random = createRandom("shipped");
const pictures = Uint8Array.from({ length: 3 * 48 * 48 }, () => randomInt(random, 256));

describe("the classifier that comes with the package", () => {
  it("is a file below 10 MB, with its card and the history of its training", () => {
    expect(statSync(inPackage(`${NAME}.safetensors`)).size).toBeLessThan(10e6);
    expect(readFileSync(inPackage(`${NAME}.md`), "utf8")).toMatch(/FER-2013/);
    const history = readFileSync(inPackage(`${NAME}.history.jsonl`), "utf8")
      .trim()
      .split("\n");
    expect(history).toHaveLength(40);
  });

  it("says what it was trained on, and tells FER-2013's classes apart", async () => {
    const { classes, card, input } = (await shippedClassifier(NAME))!;
    expect(classes).toEqual(["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"]);
    expect(card.training).toMatchObject({
      dataset: "fer2013",
      samples: { train: 28_709, validation: 3_589 },
      selectedOn: "validation",
    });
    expect(input).toEqual({ height: 48, width: 48, channels: 1 });
  });

  it("has the features of the backbone of its name, grey or in colour", async () => {
    const classifier = (await shippedClassifier(NAME))!;
    const running = await createClassifier(classifier, { threads: 1 });
    const expected = await running.classify(pictures, 3);
    await running.close();
    const backbone = await findBackbone(NAME).create({
      input: { height: 48, width: 48, channels: 1 },
      seed: 1,
    });
    expect(backbone.weightsFile).toMatchObject({ published: true });
    const extractor = await createFeatureExtractor({ ...backbone, batchSize: 3, threads: 1 });
    const features = await extractor.run(pictures, 3);
    await extractor.close();
    const kernel = classifier.weights.get("logits/kernel")!.data;
    const bias = classifier.weights.get("logits/bias")!.data;
    const classes = bias.length;
    expected.forEach(({ probabilities }, i) => {
      const logits = Array.from(bias, (value, c) => {
        let sum = value;
        for (let k = 0; k < 512; k++) sum += features[i * 512 + k]! * kernel[k * classes + c]!;
        return Math.exp(sum);
      });
      const total = logits.reduce((a, b) => a + b);
      logits.forEach((value, c) => {
        expect(value / total).toBeCloseTo(probabilities[c]!, 4);
      });
    });
  });

  it("is that of no other backbone", async () => {
    for (const { name } of listBackbones()) {
      if (name !== NAME) expect(await shippedClassifier(name), name).toBeUndefined();
    }
    expect(existsSync(inPackage("efficientnet-b0.random.safetensors"))).toBe(false);
  });
});
