/**
 * Says how much of the places in activation maps is the faces', and how much the network's: the shipped classifier's mean
 * maps of test faces, and of the same faces mirrored. Maps that follow the faces are mirrored, too.
 *
 *   npx tsx --conditions=@fer-bench/source tools/mirrored-maps.ts <preprocess folder> [faces]
 */
import { join } from "node:path";
import { openNpy, readParquet } from "@fer-bench/artifacts";
import { defineGraph, shippedClassifier } from "@fer-bench/models";
import { createActivationMapper, mapLayers } from "@fer-bench/train";

const BATCH = 20;
const [folder = "", count = "300"] = process.argv.slice(2);
const classifier = (await shippedClassifier("efficientnetv2-48.fer2013"))!;
const { height: size } = classifier.input;
// Without the softmax.
const graph = defineGraph("logits", classifier.graph.layers.slice(0, -1));
const layers = mapLayers(graph);
const mapper = await createActivationMapper(
  { graph, weights: classifier.weights },
  { layers, batch: BATCH, threads: 2 },
);

const rows = await readParquet<{ index: number; split: string }>(join(folder, "faces.parquet"), [
  "index",
  "split",
]);
const tests = rows.filter(({ split }) => split === "test");
const chosen = Array.from(
  { length: Number(count) },
  (_, i) => tests[Math.floor((i * tests.length) / Number(count))]!,
);
const faces = await openNpy(join(folder, "faces.npy"));

/** The mean map of each layer, every face's divided by its sum. */
async function meanMaps(isMirrored: boolean): Promise<Float64Array[]> {
  const means = layers.map(({ height, width }) => new Float64Array(height * width));
  for (let start = 0; start < chosen.length; start += BATCH) {
    const batch = chosen.slice(start, start + BATCH);
    const pictures = new Uint8Array(batch.length * size * size);
    for (const [i, { index }] of batch.entries()) {
      const face = await faces.readRows(index, 1);
      for (let y = 0; y < size; y++) {
        for (let x = 0; x < size; x++) {
          pictures[(i * size + y) * size + x] = face[y * size + (isMirrored ? size - 1 - x : x)]!;
        }
      }
    }
    const { logits } = await mapper.run(pictures, new Int32Array(batch.length));
    const classes = logits.length / batch.length;
    const answers = batch.map((_, i) => {
      const row = logits.subarray(i * classes, (i + 1) * classes);
      return row.indexOf(Math.max(...row));
    });
    const { maps } = await mapper.run(pictures, answers);
    maps.forEach((ofLayer, l) => {
      const area = ofLayer.length / batch.length;
      batch.forEach((_, i) => {
        const map = ofLayer.subarray(i * area, (i + 1) * area);
        const total = map.reduce((sum, value) => sum + value, 0);
        map.forEach((value, pixel) => {
          if (total > 0) means[l]![pixel]! += value / total / chosen.length;
        });
      });
    });
  }
  return means;
}

for (const isMirrored of [false, true]) {
  const means = await meanMaps(isMirrored);
  layers.forEach(({ layer, method, height, width }, l) => {
    const columns = Array.from({ length: width }, (_, x) =>
      means[l]!.reduce((sum, value, pixel) => sum + (pixel % width === x ? value : 0), 0).toFixed(3),
    );
    console.log(
      `${isMirrored ? "mirrored" : "as it is"}: ${method} of ${layer} (${height}x${width}), columns: ${columns.join(" ")}`,
    );
  });
}
await Promise.all([mapper.close(), faces.close()]);
