import type { UsageHint } from "./image-path.ts";

/** What is kept of each image of a copy while it is being recognised; its fingerprint lies at the same index. */
export interface SourceImage {
  /** Path in the source, or `file#row`. */
  readonly name: string;
  /** Index of CLASSES, by its folder. */
  readonly label: number;
  /** What names say of its usage. */
  readonly hint: UsageHint;
  readonly width: number;
  readonly height: number;
  readonly coloured: boolean;
  /** The difference its quantisation can make (quantisationBound), of a JPEG. */
  readonly bound: number | undefined;
  /** Whether its quantisation tables are the standard's, scaled as libjpeg does; true of what is no JPEG. */
  readonly standardTables: boolean;
  /** Of its grey values, as unevenness() has it. */
  readonly unevenness: number;
}

/** Whether the hint allows the usage. */
export function allows(hint: UsageHint, usage: string): boolean {
  return hint === undefined || hint === usage || (hint === "test" && usage !== "Training");
}

/** Whether the hint is one usage. */
export function namesUsage(hint: UsageHint): boolean {
  return hint !== undefined && hint !== "test";
}
