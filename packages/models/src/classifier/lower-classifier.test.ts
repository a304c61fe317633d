import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { fromBinary } from "@bufbuild/protobuf";
import { sha256 } from "@fer-bench/artifacts";
import { ModelProtoSchema } from "onnx-buf";
import * as nodeRuntime from "onnxruntime-node";
import * as webRuntime from "onnxruntime-web";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { interpret } from "../graph/interpreter.test.support.ts";
import { joined, pictures, relativeDifference } from "../graph/sample-data.test.support.ts";
import { createPredictor } from "../run/predictor.ts";
import type { Classifier } from "./classifier.ts";
import { lowerClassifier } from "./lower-classifier.ts";
import {
  CARD,
  CLASSES,
  linearClassifier,
  scatteredClassifier,
  steadyClassifier,
  wholeClassifier,
} from "./sample-classifier.test.support.ts";

const COUNT = 5;

/** Probabilities [COUNT, classes] of the ONNX file in each runtime, and of our own predictor. */
async function everyRuntime(classifier: Classifier, bytes: Uint8Array, samples: readonly Uint8Array[]) {
  const data = joined(samples);
  const { height, width, channels } = classifier.input;
  const shape = [samples.length, height, width, channels];
  const node = await nodeRuntime.InferenceSession.create(bytes);
  const byNode = await node.run({ input: new nodeRuntime.Tensor("uint8", data, shape) });
  await node.release();
  webRuntime.env.wasm.numThreads = 1;
  const web = await webRuntime.InferenceSession.create(bytes);
  const byWeb = await web.run({ input: new webRuntime.Tensor("uint8", data, shape) });
  await web.release();
  const predictor = await createPredictor({ ...classifier, threads: 1 });
  const own = await predictor.run(data, samples.length);
  await predictor.close();
  return {
    node: byNode.probabilities!.data as Float32Array,
    web: byWeb.probabilities!.data as Float32Array,
    own,
  };
}

describe("B0 with its head as ONNX", () => {
  let classifier: Classifier;
  let samples: Uint8Array[];
  let bytes: Uint8Array;
  let found: Awaited<ReturnType<typeof everyRuntime>>;

  beforeAll(async () => {
    classifier = await steadyClassifier();
    samples = pictures(classifier.graph, COUNT);
    bytes = lowerClassifier(classifier);
    found = await everyRuntime(classifier, bytes, samples);
  }, 60_000);

  it("gives probabilities that tell pictures apart", () => {
    for (let i = 0; i < COUNT; i++) {
      const row = found.node.subarray(7 * i, 7 * (i + 1));
      expect(row.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 6);
      if (i > 0) expect(relativeDifference(row, found.node.subarray(0, 7))).toBeGreaterThan(1e-2);
    }
  });

  it("gives those of the plain interpreter in onnxruntime-node, onnxruntime-web and our predictor", () => {
    const exact = interpret(classifier.graph, classifier.weights, samples.slice(0, 2)).flat();
    for (const values of Object.values(found)) {
      expect(relativeDifference(values.subarray(0, exact.length), exact)).toBeLessThan(1e-5);
    }
    expect(relativeDifference(found.node, found.own)).toBeLessThan(1e-5);
    expect(relativeDifference(found.web, found.own)).toBeLessThan(1e-5);
  });

  it("says what it is: operator set, producer, words, class names, both ends, card", () => {
    const model = fromBinary(ModelProtoSchema, bytes);
    expect(model.opsetImport.map(({ domain, version }) => [domain, version])).toEqual([["", 13n]]);
    expect(model.producerName).toBe("fer-bench");
    expect(model.producerVersion).toMatch(/^\d+\.\d+\.\d+/);
    expect(model.docString).toMatchInlineSnapshot(`
      "A sample.
      Input "input", uint8 [N, 48, 48, 1], grey values 0 to 255, row by row.
      Output "probabilities", float32 [N, 7], a probability for each class, their sum is 1: angry, disgust, fear, happy, sad, surprise, neutral."
    `);
    const metadata = Object.fromEntries(model.metadataProps.map(({ key, value }) => [key, value]));
    expect(metadata).toMatchObject({ architecture: "efficientnet-b0+two-layer-head", version: "1" });
    expect(JSON.parse(metadata.classes!)).toEqual(CLASSES);
    expect(JSON.parse(metadata.card!)).toEqual(CARD);
    expect(JSON.parse(metadata.input!)).toMatchObject({
      name: "input",
      type: "uint8",
      shape: ["N", 48, 48, 1],
    });
    expect(JSON.parse(metadata.output!)).toMatchObject({ name: "probabilities", shape: ["N", 7] });
  });

  it("has the same bytes every time", () => {
    expect(sha256(lowerClassifier(classifier))).toBe(sha256(bytes));
  });

  it("keeps kernels in 16 bits where asked, and is half the size", async () => {
    const half = lowerClassifier(classifier, { half: true });
    expect(half.length).toBeLessThan(0.52 * bytes.length);
    const { node, web, own } = await everyRuntime(classifier, half, samples);
    expect(relativeDifference(node, own)).toBeLessThan(1e-2);
    expect(relativeDifference(node, own)).toBeGreaterThan(1e-5);
    expect(relativeDifference(web, node)).toBeLessThan(1e-5);
  });
});

/** The Python here that has the onnx package; undefined where none has. */
function pythonWithOnnx(): string | undefined {
  return ["python3", "/usr/bin/python3"].find(
    (python) => spawnSync(python, ["-c", "import onnx"], { stdio: "ignore" }).status === 0,
  );
}

describe("the official checker", () => {
  const python = pythonWithOnnx();
  const folder = mkdtempSync(join(tmpdir(), "fer-bench-onnx-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  if (python === undefined) {
    const name = "passes every exported file (needs Python's onnx: apt-get install python3-onnx)";
    if (process.env.FER_BENCH_REQUIRE === "1") {
      it(name, () => expect.fail("FER_BENCH_REQUIRE=1, and no Python with onnx is there"));
    } else {
      it.skip(name, () => {});
    }
    return;
  }

  it("passes every exported file, and infers every shape", () => {
    const grey = scatteredClassifier({ height: 48, width: 48, channels: 1 });
    const files = Object.entries({
      grey: lowerClassifier(grey),
      colour: lowerClassifier(scatteredClassifier()),
      half: lowerClassifier(grey, { half: true }),
      linear: lowerClassifier(linearClassifier()),
      resized: lowerClassifier(wholeClassifier("mini-xception.fer2013")),
    }).map(([name, bytes]) => {
      const file = join(folder, `${name}.onnx`);
      writeFileSync(file, bytes);
      return file;
    });
    const script = fileURLToPath(new URL("../../../../tools/check_onnx.py", import.meta.url));
    const { status, stdout, stderr } = spawnSync(python, [script, ...files], { encoding: "utf8" });
    expect(stderr).toBe("");
    expect(status).toBe(0);
    const [first, ...others] = JSON.parse(stdout);
    expect(first).toMatchObject({
      irVersion: 7,
      opsets: { "": 13 },
      producer: ["fer-bench", expect.any(String)],
      inputs: { input: ["UINT8", ["N", 48, 48, 1]] },
      outputs: { probabilities: ["FLOAT", ["N", 7]] },
    });
    expect(JSON.parse(first.metadata.classes)).toEqual(CLASSES);
    expect(others).toHaveLength(4);
  });
});
