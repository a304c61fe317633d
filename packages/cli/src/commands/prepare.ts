import { runPrepareStage } from "@fer-bench/datasets";
import type { CommandContext } from "../context.ts";
import { loadDataset, requireRaw } from "../load-dataset.ts";

/** Writes a data set's records, checked against the manifest. */
export async function prepare(context: CommandContext, name: string): Promise<void> {
  const { workspace, progress } = context;
  const loaded = await loadDataset(workspace, name);
  await requireRaw(workspace, name);
  await runPrepareStage({
    ...loaded,
    manifestFile: workspace.manifest,
    dir: workspace.datasetDir(name, "prepare"),
    progress,
  });
}
