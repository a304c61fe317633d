import { resolve } from "node:path";
import type { Benchmark } from "@fer-bench/train";
import type { Workspace } from "./workspace.ts";

/** The file that a backbone's weights come from: that of the flag, that of the benchmark, or neither. */
export function weightsFileOf(
  workspace: Workspace,
  { weights }: Benchmark,
  options: { weights?: string },
): string | undefined {
  return options.weights ?? (weights === undefined ? undefined : resolve(workspace.root, weights));
}
