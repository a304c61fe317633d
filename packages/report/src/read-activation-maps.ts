import { join } from "node:path";
import { openNpy, parseConfig, readJson } from "@fer-bench/artifacts";
import { z } from "zod";

const side = z.int().positive();

const mapsSchema = z.object({
  layers: z
    .array(
      z.object({ layer: z.string(), method: z.string(), height: side, width: side, receptiveField: side }),
    )
    .min(1),
  targets: z.array(
    z.object({
      target: z.string(),
      split: z.string(),
      n: z.int().nonnegative(),
      files: z.array(z.object({ predicted: z.string(), label: z.string() })),
    }),
  ),
});

/** The `activation-maps.json` of an activation-maps stage. */
export type ActivationMaps = z.output<typeof mapsSchema>;
export type MapLayer = ActivationMaps["layers"][number];

export async function readActivationMaps(dir: string): Promise<ActivationMaps> {
  const file = join(dir, "activation-maps.json");
  return parseConfig(mapsSchema, await readJson(file), file);
}

const ROWS_AT_A_TIME = 1024;

/** Calls `look` with every map of an array [n, height, width], in order. */
export async function eachMap(
  file: string,
  look: (map: Float32Array, sample: number) => void,
): Promise<void> {
  const array = await openNpy(file);
  try {
    const [n = 0, height = 0, width = 0] = array.shape;
    for (let start = 0; start < n; start += ROWS_AT_A_TIME) {
      const count = Math.min(ROWS_AT_A_TIME, n - start);
      const rows = (await array.readRows(start, count)) as Float32Array;
      for (let i = 0; i < count; i++)
        look(rows.subarray(i * height * width, (i + 1) * height * width), start + i);
    }
  } finally {
    await array.close();
  }
}
