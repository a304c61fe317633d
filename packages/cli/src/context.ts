import type { Progress } from "@fer-bench/artifacts";
import type { Workspace } from "./workspace.ts";

/** What every command is given. */
export interface CommandContext {
  readonly workspace: Workspace;
  readonly progress: Progress;
  /** Whether downloads are switched off. */
  readonly offline: boolean;
  /** Threads to compute with. */
  readonly threads: number;
  /** Whether results are wanted as JSON on stdout. */
  readonly json: boolean;
  /** Writes a line of results to stdout. */
  print(line: string): void;
}
