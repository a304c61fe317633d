/**
 * Writes docs/predict.jpg: six rendered portraits as one photograph, as `fer-bench predict --out` marks it.
 *
 *   npx tsx --conditions=@fer-bench/source tools/predict-picture.ts [docs/predict.jpg]
 *
 * The portraits are chosen from persons 1 to 8: the classifier was trained on photographs, and names most other ones
 * otherwise than they were meant.
 */
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { renderFace } from "@fer-bench/dataset-synthetic";
import type { PixelImage } from "@fer-bench/datasets";
import { encodePng } from "@fer-bench/preprocess";

const SIDE = 320;
const COLUMNS = 3;
const PORTRAITS = [
  [8, "happy"],
  [2, "surprise"],
  [7, "angry"],
  [1, "sad"],
  [4, "neutral"],
  [6, "fear"],
] as const;

const root = fileURLToPath(new URL("..", import.meta.url));
const [out = join(root, "docs/predict.jpg")] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), "fer-bench-predict-picture-"));
try {
  const photograph = join(folder, "group.png");
  writeFileSync(photograph, await encodePng(group()));
  const command = [join(root, "packages/cli/bin/fer-bench.mjs"), "predict", photograph, "--out", folder];
  const { status } = spawnSync(process.execPath, command, { stdio: "inherit" });
  if (status !== 0) throw new Error("fer-bench predict failed");
  copyFileSync(join(folder, "group.faces.jpg"), out);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function group(): PixelImage {
  const [width, height] = [COLUMNS * SIDE, Math.ceil(PORTRAITS.length / COLUMNS) * SIDE];
  const data = new Uint8Array(width * height * 3);
  for (const [i, [person, expression]] of PORTRAITS.entries()) {
    const { image } = renderFace(person, expression, SIDE);
    const [left, top] = [(i % COLUMNS) * SIDE, Math.floor(i / COLUMNS) * SIDE];
    for (let y = 0; y < SIDE; y++) {
      data.set(image.data.subarray(y * SIDE * 3, (y + 1) * SIDE * 3), ((top + y) * width + left) * 3);
    }
  }
  return { width, height, channels: 3, data };
}
