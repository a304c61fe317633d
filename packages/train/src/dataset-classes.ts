import { type Artifact, parseConfig, readJson } from "@fer-bench/artifacts";
import { z } from "zod";

const datasetSchema = z.object({ classes: z.array(z.string()).min(2) });

/** The class list of a finished prepare stage. */
export async function readClasses(prepared: Artifact): Promise<string[]> {
  const file = prepared.path("dataset.json");
  return parseConfig(datasetSchema, await readJson(file), file).classes;
}
