/**
 * Draws what an augmentation does, to be looked at: eight faces of a preprocessed data set a sheet, each as it is and as
 * seven epochs of training would see it.
 *
 *   npx tsx --conditions=@fer-bench/source tools/augmentation-sheet.ts <preprocess folder> <out.png> ['{"flip": 0.5}']
 *
 * The augmentation is that of a benchmark's `train.augmentation`; without one, a strong one of every kind.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { openNpy, parseConfig } from "@fer-bench/artifacts";
import type { PixelImage } from "@fer-bench/datasets";
import { drawContactSheet } from "@fer-bench/preprocess";
import { augmentationSchema, createBatchSource, openFaces, shareFaces, shareLabels } from "@fer-bench/train";

const FACES = 8;
const EPOCHS = 7;
const STRONG = {
  ...{ flip: 0.5, rotate: 10, shift: 0.1, scale: [0.8, 1.2], brightness: 0.2, contrast: 0.2 },
  ...{ erase: {}, mixup: {} },
};

const [folder = "", out = "", augmentation = JSON.stringify(STRONG)] = process.argv.slice(2);
const path = join(folder, "faces.npy");
const array = await openNpy(path);
const size = array.shape[1]!;
await array.close();
const faces = await openFaces(path, size);
const rows = Int32Array.from({ length: FACES }, (_, i) => Math.floor(((i + 0.5) * faces.count) / FACES));
const pixels = size * size * faces.channels;
const shared = await shareFaces(faces, rows, size, faces.channels);
await faces.close();

const order = Int32Array.from({ length: FACES }, (_, i) => i);
const source = createBatchSource({
  faces: shared,
  size,
  channels: faces.channels,
  targets: shareLabels(order, FACES),
  classes: FACES,
  augmentation: parseConfig(augmentationSchema, JSON.parse(augmentation), "the augmentation"),
  seed: 1,
  batchSize: FACES,
  epochs: EPOCHS,
  orderOf: () => order,
});
const chip = (data: Uint8Array, i: number): PixelImage => ({
  width: size,
  height: size,
  channels: faces.channels,
  data: data.slice(i * pixels, (i + 1) * pixels),
});
const chips = Array.from(order, (i) => [chip(shared, i)]);
for (let batch = await source.next(); batch !== undefined; batch = await source.next()) {
  for (const i of order) chips[i]!.push(chip(batch.pictures, i));
}
await source.close();
const sheet = await drawContactSheet({
  title: "Augmented faces",
  subtitle: "As they are, and in seven epochs",
  rows: chips.map((row, i) => ({ label: "face", count: rows[i]!, chips: row })),
  columns: 1 + EPOCHS,
  size,
});
writeFileSync(out, sheet);
