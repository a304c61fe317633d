import { existsSync } from "node:fs";
import { FerBenchError } from "@fer-bench/artifacts";
import { runPrepareStage } from "@fer-bench/datasets";
import type { CommandContext } from "../context.ts";
import { loadDataset } from "../load-dataset.ts";

/** Writes a data set's records, checked against the manifest. */
export async function prepare(context: CommandContext, name: string): Promise<void> {
  const { workspace, progress } = context;
  const loaded = await loadDataset(workspace, name);
  if (!loaded.entry.generated && !existsSync(loaded.rawDir)) {
    throw new FerBenchError("missing", `the raw data of ${name} are not here`, {
      file: loaded.rawDir,
      remedy: loaded.entry.source.howToGet,
    });
  }
  await runPrepareStage({
    ...loaded,
    manifestFile: workspace.manifest,
    dir: workspace.datasetDir(name, "prepare"),
    progress,
  });
}
