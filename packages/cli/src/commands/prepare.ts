import { FerBenchError } from "@fer-bench/artifacts";
import { runPrepareStage } from "@fer-bench/datasets";
import type { CommandContext } from "../context.ts";
import { loadDataset, missingRaw, rawDirOf } from "../load-dataset.ts";

/** Writes a data set's records, checked against the manifest. */
export async function prepare(context: CommandContext, name: string): Promise<void> {
  const { workspace, progress } = context;
  const loaded = await loadDataset(workspace, name);
  const [missing] = await missingRaw(workspace, name);
  if (missing) {
    const what = missing.name === name ? name : `${missing.name}, which ${name} reads,`;
    throw new FerBenchError("missing", `the raw data of ${what} are not here`, {
      file: rawDirOf(workspace, missing.name, missing.entry),
      remedy: missing.entry.source.howToGet,
    });
  }
  await runPrepareStage({
    ...loaded,
    manifestFile: workspace.manifest,
    dir: workspace.datasetDir(name, "prepare"),
    progress,
  });
}
