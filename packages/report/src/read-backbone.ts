import { join } from "node:path";
import { parseConfig, readJson } from "@fer-bench/artifacts";
import { z } from "zod";

const provenanceSchema = z.object({
  backbone: z
    .object({ parameters: z.int().nonnegative(), flops: z.number().nonnegative() })
    .nullish()
    .default(null),
});

/** What a backbone costs; null where it was not counted. */
export interface BackboneCost {
  parameters: number | null;
  /** Floating-point operations of one image. */
  flops: number | null;
}

/** What a features stage noted of its backbone in `provenance.json`. */
export async function readBackboneCost(dir: string): Promise<BackboneCost> {
  const file = join(dir, "provenance.json");
  const { backbone } = parseConfig(provenanceSchema, await readJson(file), file);
  return backbone ?? { parameters: null, flops: null };
}
