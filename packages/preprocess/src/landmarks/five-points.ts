import { fileURLToPath } from "node:url";
import { FerBenchError, readSafetensors } from "@fer-bench/artifacts";
import { DESCRIPTOR_LENGTH } from "./gradient-descriptors.ts";
import type { DescentModel } from "./supervised-descent.ts";

/** Trained by tools/landmarks/train-five-points.ts on rendered portraits alone. */
export const SHIPPED_FILE = fileURLToPath(new URL("../../weights/five-points.safetensors", import.meta.url));

/** dlib's five points: corners of the eye on the picture's right, outer first, of that on its left, base of the nose. */
const MIRRORED = [2, 3, 0, 1, 4];

/** Reads the five landmarks that fer-bench brings. Errors: `bad-artifact` where the file is not what it should be. */
export async function readFivePoints(file = SHIPPED_FILE): Promise<DescentModel> {
  const { tensors } = await readSafetensors(file);
  const coordinates = 2 * MIRRORED.length;
  const numbers = (name: string, length: number): Float32Array => {
    const data = tensors.get(name)?.data;
    if (data instanceof Float32Array && data.length === length) return data;
    throw new FerBenchError("bad-artifact", `the landmarks have no ${length} numbers "${name}"`, {
      file,
      field: name,
      remedy: "install @fer-bench/preprocess again",
    });
  };
  const features = MIRRORED.length * DESCRIPTOR_LENGTH + 1;
  const stages: Float32Array[] = [];
  while (stages.length === 0 || tensors.has(`stage.${stages.length}`)) {
    stages.push(numbers(`stage.${stages.length}`, features * coordinates));
  }
  return {
    start: numbers("start", coordinates),
    upright: numbers("upright", coordinates),
    mirrored: MIRRORED,
    stages,
  };
}
