import { FerBenchError, runStage } from "@fer-bench/artifacts";
import type { CommandContext } from "../context.ts";
import { loadDataset } from "../load-dataset.ts";

/** Makes the raw archive of a data set that is made by code. */
export async function generate(context: CommandContext, name: string): Promise<void> {
  const { workspace, progress } = context;
  const { entry, dataset, options, rawDir } = await loadDataset(workspace, name);
  if (!entry.generated || !dataset.generate) {
    throw new FerBenchError("bad-config", `${name} is not made by code`, {
      file: workspace.manifest,
      field: `datasets.${name}.generated`,
      remedy: `import it: fer-bench datasets import ${name} <path>. ${entry.source.howToGet}`,
    });
  }
  const make = dataset.generate.bind(dataset);
  await runStage(
    {
      stage: "generate",
      dir: rawDir,
      config: { options },
      libraries: { names: ["sharp"], from: import.meta.url },
    },
    (outDir) => make({ outDir, options, progress }),
  );
}
