import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fromHalf, readSafetensors, sha256, toHalf, writeSafetensors } from "@fer-bench/artifacts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { classifierHead } from "../head.ts";
import type { Classifier } from "./classifier.ts";
import { defineClassifier } from "./classifier.ts";
import { readClassifier, writeClassifier } from "./classifier-file.ts";
import { CARD, CLASSES, linearClassifier, scatteredClassifier } from "./sample-classifier.test.support.ts";

const folder = mkdtempSync(join(tmpdir(), "fer-bench-classifier-"));
const at = (name: string) => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("a classifier's file", () => {
  let classifier: Classifier;
  beforeAll(async () => {
    classifier = scatteredClassifier();
    await writeClassifier(at("b0.safetensors"), classifier);
  });

  it("is enough to have the classifier again", async () => {
    const { weights, ...rest } = await readClassifier(at("b0.safetensors"));
    const { weights: original, ...expected } = classifier;
    expect(rest).toEqual(expected);
    expect(rest.input).toEqual({ height: 32, width: 32, channels: 3 });
    expect([...weights.keys()].sort()).toEqual([...original.keys()].sort());
    for (const [name, { shape, data }] of weights) {
      expect([name, shape, sha256(new Uint8Array(data.buffer))]).toEqual([
        name,
        original.get(name)!.shape,
        sha256(new Uint8Array(original.get(name)!.data.buffer)),
      ]);
    }
  });

  it("has the same bytes every time", async () => {
    await writeClassifier(at("again.safetensors"), classifier);
    expect(sha256(readFileSync(at("again.safetensors")))).toBe(sha256(readFileSync(at("b0.safetensors"))));
  });

  it("is under 10 MB in 16 bits: kernels rounded to nearest, all else as it was", async () => {
    await writeClassifier(at("half.safetensors"), classifier, { half: true });
    expect(statSync(at("half.safetensors")).size).toBeLessThan(10e6);
    const { tensors } = await readSafetensors(at("half.safetensors"));
    const types = (suffix: RegExp) =>
      new Set([...tensors].filter(([name]) => suffix.test(name)).map(([, { dtype }]) => dtype));
    expect(types(/kernel$/)).toEqual(new Set(["F16"]));
    expect(types(/(bias|gamma|beta|mean|variance|count)$/)).toEqual(new Set(["F32"]));
    const { weights } = await readClassifier(at("half.safetensors"));
    for (const [name, { data }] of classifier.weights) {
      const expected = name.endsWith("kernel") ? fromHalf(toHalf(data)) : data;
      expect([name, sha256(new Uint8Array(weights.get(name)!.data.buffer))]).toEqual([
        name,
        sha256(new Uint8Array(expected.buffer)),
      ]);
    }
  });
});

describe("a file that is no classifier", () => {
  const file = at("damaged.safetensors");

  /** Writes a small classifier's file with something changed, and gives the error of reading it. */
  async function errorAfter(
    change: (metadata: Record<string, string>, tensors: Map<string, unknown>) => void,
  ): Promise<unknown> {
    await writeClassifier(file, linearClassifier());
    const { tensors, metadata } = await readSafetensors(file);
    change(metadata, tensors);
    await writeSafetensors(file, tensors, metadata);
    return readClassifier(file).catch((error: unknown) => error);
  }
  const changedJson = (metadata: Record<string, string>, field: string, change: (json: never) => unknown) => {
    metadata[field] = JSON.stringify(change(JSON.parse(metadata[field]!) as never));
  };

  it("says so where it is missing, cut off, or no safetensors", async () => {
    await expect(readClassifier(at("none.safetensors"))).rejects.toMatchObject({
      code: "missing",
      file: at("none.safetensors"),
    });
    await writeClassifier(file, linearClassifier());
    truncateSync(file, statSync(file).size - 1);
    await expect(readClassifier(file)).rejects.toMatchObject({ code: "bad-data", file });
    writeFileSync(file, "\x08\x03an ONNX file, for example");
    await expect(readClassifier(file)).rejects.toMatchObject({ code: "bad-data", file });
  });

  it.each<[string, (metadata: Record<string, string>, tensors: Map<string, unknown>) => void, object]>([
    [
      "bare weights",
      (metadata) => {
        for (const key of Object.keys(metadata)) delete metadata[key];
      },
      { field: "format", message: "this is weights without their configuration, not a finished classifier" },
    ],
    [
      "a head's checkpoint",
      (metadata) => Object.assign(metadata, { format: "fer-bench-head" }),
      { field: "format", remedy: expect.stringContaining("fer-bench export") },
    ],
    [
      "a later version's",
      (metadata) => Object.assign(metadata, { version: "2" }),
      { field: "version", remedy: expect.stringContaining("update @fer-bench/models") },
    ],
    ["no graph", (metadata) => delete metadata.graph, { field: "graph" }],
    [
      "JSON cut off",
      (metadata) => Object.assign(metadata, { card: metadata.card!.slice(0, -1) }),
      { field: "card" },
    ],
    [
      "a card with an unknown field",
      (metadata) => changedJson(metadata, "card", (card: object) => ({ ...card, picturs: {} })),
      { file: `${file}#card`, field: "picturs", remedy: 'did you mean "picture"?' },
    ],
    [
      "a class too few",
      (metadata) => changedJson(metadata, "classes", (classes: string[]) => classes.slice(1)),
      { field: "classes", message: expect.stringContaining("7 probabilities; 6 classes") },
    ],
    [
      "a class twice",
      (metadata) =>
        changedJson(metadata, "classes", ([first, , ...rest]: string[]) => [first, first, ...rest]),
      { field: "classes" },
    ],
    [
      "a graph of other classes",
      (metadata) =>
        changedJson(metadata, "graph", (graph: { layers: { units?: number }[] }) => {
          graph.layers.find((layer) => layer.units !== undefined)!.units = 8;
          return graph;
        }),
      { code: "bad-artifact", message: expect.stringContaining("logits/bias is [7], expected [8]") },
    ],
    [
      "a tensor missing",
      (_, tensors) => tensors.delete("logits/bias"),
      { code: "bad-artifact", message: expect.stringContaining("missing logits/bias [7]") },
    ],
    [
      "a tensor of integers",
      (_, tensors) => tensors.set("logits/bias", { dtype: "I32", shape: [7], data: new Int32Array(7) }),
      { code: "bad-artifact", field: "logits/bias" },
    ],
  ])("is refused by what is wrong: %s", async (_, change, error) => {
    expect(await errorAfter(change)).toMatchObject({
      name: "FerBenchError",
      code: "bad-config",
      file,
      ...error,
    });
  });
});

describe("what does not belong together", () => {
  const { graph, weights } = linearClassifier();
  it.each<[string, () => unknown, object]>([
    [
      "logits",
      () => {
        const layers = graph.layers.slice(0, -1);
        const shapes = new Map([...graph.shapes].slice(0, -1));
        return defineClassifier({
          graph: { name: "g", layers, shapes },
          weights,
          classes: CLASSES,
          card: CARD,
        });
      },
      { field: "graph", message: "g ends with logits, not with probabilities" },
    ],
    [
      "vectors for pictures",
      () => {
        const head = classifierHead({
          inputs: 5,
          classes: 7,
          hidden: null,
          activation: "relu",
          dropout: 0,
          standardize: false,
          softmax: true,
        });
        return defineClassifier({ graph: head, weights, classes: CLASSES, card: CARD });
      },
      { field: "graph", message: "linear-head reads float32 [5], no pictures" },
    ],
    [
      "weights of another graph",
      () => defineClassifier({ graph, weights: new Map(), classes: CLASSES, card: CARD }),
      { code: "bad-artifact", message: expect.stringContaining("missing") },
    ],
  ])("is refused: %s", (_, define, error) => {
    expect(define).toThrow(expect.objectContaining({ name: "FerBenchError", code: "bad-config", ...error }));
  });

  it("is refused: a kernel beyond 16 bits", async () => {
    const classifier = linearClassifier();
    classifier.weights.get("logits/kernel")!.data[3] = 1e5;
    await expect(writeClassifier(at("wide.safetensors"), classifier, { half: true })).rejects.toMatchObject({
      code: "bad-data",
      field: "logits/kernel",
      message: "logits/kernel has 100000, which 16 bits cannot hold",
    });
  });
});
