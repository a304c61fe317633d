import { runActivationMapsStage } from "@fer-bench/train";
import type { CommandContext } from "../context.ts";
import { loadRun, trainedModel } from "../load-benchmark.ts";

/** Works out where a benchmark's trained model looks in every test picture. */
export async function activationMaps(
  { workspace, progress, threads }: CommandContext,
  given: string,
): Promise<void> {
  const model = trainedModel(workspace, await loadRun(workspace, given));
  const out = workspace.benchmarkDir(model.name, "activation-maps");
  await runActivationMapsStage({ ...model, out, threads, progress });
}
