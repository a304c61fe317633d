import type { Random } from "@fer-bench/artifacts";
import type { FaultyWorkspace, Undisturbed } from "./small-workspaces.ts";
import type { Ending } from "./stage-process.ts";
import type { StageUnderTest } from "./stages.ts";

/** Something that goes wrong while a stage runs, or before. */
export interface Fault {
  /** Its word for `--only`. */
  readonly name: string;
  /** What the table calls it. */
  readonly title: string;
  /** Whether it wants a file system of its own, which it can fill or lock. */
  readonly ownDisk?: boolean;
  /** Stages that it is about; every one where absent. */
  concerns?(stage: StageUnderTest): boolean;
  /** Runs the stage while it happens, and mends it. */
  inject(trial: Trial): Promise<Injected>;
}

/** One stage in a workspace of its own, ready to run. */
export interface Trial {
  readonly stage: StageUnderTest;
  readonly workspace: FaultyWorkspace;
  readonly undisturbed: Undisturbed;
  readonly random: Random;
}

export interface Injected {
  /** What was drawn by lot: enough to do it by hand. */
  readonly how: string;
  /** How the processes ended that met it. */
  readonly endings: readonly Ending[];
  /** Whether an ending is one that the fault explains by itself, such as by the signal that was sent. */
  explains?(ending: Ending): boolean;
  /** What else was not as it should be. */
  readonly problems?: readonly string[];
}
