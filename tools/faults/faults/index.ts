import type { Fault } from "../fault.ts";
import { clock } from "./clock.ts";
import { cutFile, flippedByte, missingFile, vanishedFile } from "./damage.ts";
import { diskFull, readOnly } from "./disk.ts";
import { interrupt, interruptTwice } from "./interrupt.ts";
import { kill } from "./kill.ts";
import { twice } from "./twice.ts";

export const FAULTS: readonly Fault[] = [
  kill,
  interrupt,
  interruptTwice,
  diskFull,
  readOnly,
  flippedByte,
  cutFile,
  missingFile,
  vanishedFile,
  clock,
  twice,
];
