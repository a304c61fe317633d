import { join } from "node:path";
import { parseConfig, readJson } from "@fer-bench/artifacts";
import { z } from "zod";
import type { StageInput } from "./request.ts";

const provenanceSchema = z.object({
  config: z.unknown().optional(),
  inputs: z.record(z.string(), z.unknown()).default({}),
  seed: z.union([z.int(), z.string()]).nullish(),
  engine: z.unknown().optional(),
  versions: z.record(z.string(), z.string()).default({}),
  machine: z
    .object({ cpu: z.string(), cores: z.int(), memoryBytes: z.number(), os: z.string(), node: z.string() })
    .nullish(),
});

/** What made a stage's artifacts. Times and memory are left out: they differ between equal runs. */
export interface StageProvenance extends StageInput {
  config?: unknown;
  inputs: Readonly<Record<string, unknown>>;
  seed?: number | string | null | undefined;
  /** What executed it: a name, or a name with its settings. */
  engine?: unknown;
  versions: Readonly<Record<string, string>>;
  machine?: z.output<typeof provenanceSchema>["machine"];
}

/** The `provenance.json` of a finished stage. */
export async function readProvenance(input: StageInput): Promise<StageProvenance> {
  const file = join(input.dir, "provenance.json");
  return { ...input, ...parseConfig(provenanceSchema, await readJson(file), file) };
}
