import { parseConfig } from "@fer-bench/artifacts";
import { FaceSettings, runPreprocessStage } from "@fer-bench/preprocess";
import type { CommandContext } from "../context.ts";
import { loadDataset } from "../load-dataset.ts";

/** Cuts every sample's face chip. */
export async function preprocess(context: CommandContext, name: string): Promise<void> {
  const { workspace, progress, threads } = context;
  const { entry, dataset, options, rawDir, reads } = await loadDataset(workspace, name);
  await runPreprocessStage({
    dir: workspace.datasetDir(name, "preprocess"),
    prepareDir: workspace.datasetDir(name, "prepare"),
    samples: dataset.samples({ rawDir, options, reads, progress }),
    face: parseConfig(FaceSettings, entry.face, `${workspace.manifest}#datasets.${name}.face`),
    grey: entry.channels === 1,
    threads,
    folder: workspace.root,
    progress,
  });
}
