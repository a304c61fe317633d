import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { joined, pictures, relativeDifference } from "../graph/sample-data.test.support.ts";
import { OnnxGraph } from "../onnx/onnx-graph.ts";
import { createClassifier, createOnnxClassifier } from "./create-classifier.ts";
import { lowerClassifier } from "./lower-classifier.ts";
import { readOnnxClassifier } from "./onnx-classifier.ts";
import { linearClassifier } from "./sample-classifier.test.support.ts";

const folder = mkdtempSync(join(tmpdir(), "fer-bench-onnx-classifier-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function put(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

/** A network without a word about it. */
function nameless(): Uint8Array {
  const onnx = new OnnxGraph("one-node");
  onnx.result(onnx.node("Relu", [onnx.input("x", "float32", [1])]), "float32", [1]);
  return onnx.toBytes();
}

describe("a classifier's ONNX file", () => {
  const classifier = linearClassifier({ height: 5, width: 4, channels: 3 });
  const bytes = lowerClassifier(classifier);

  it("says what goes in and comes out, and gives the classifier's own answers, in batches of any size", async () => {
    const read = await readOnnxClassifier(put("linear.onnx", bytes));
    const { classes, input, card } = classifier;
    expect(read).toMatchObject({ classes, input, card });
    const samples = joined(pictures(classifier.graph, 5));
    const running = await createOnnxClassifier(read, { threads: 1, batchSize: 2 });
    const original = await createClassifier(classifier, { threads: 1 });
    const [found, expected] = [await running.classify(samples, 5), await original.classify(samples, 5)];
    expect(found.map(({ label }) => label)).toEqual(expected.map(({ label }) => label));
    for (const [i, { probabilities }] of found.entries()) {
      expect(relativeDifference(probabilities, expected[i]!.probabilities)).toBeLessThan(1e-5);
    }
    await Promise.all([running.close(), original.close()]);
  });

  it("is refused by name where it is not there, cut off, no ONNX, or says nothing of classes", async () => {
    await expect(readOnnxClassifier(join(folder, "none.onnx"))).rejects.toMatchObject({ code: "missing" });
    for (const [name, content] of [
      ["cut.onnx", bytes.subarray(0, bytes.length - 100)],
      ["text.onnx", Buffer.from("<html>not found</html>")],
      ["empty.onnx", new Uint8Array(0)],
    ] as const) {
      const file = put(name, content);
      await expect(readOnnxClassifier(file)).rejects.toMatchObject({ code: "bad-artifact", file });
    }
    const file = put("nameless.onnx", nameless());
    await expect(readOnnxClassifier(file)).rejects.toMatchObject({
      code: "bad-config",
      file,
      field: "format",
    });
  });
});
