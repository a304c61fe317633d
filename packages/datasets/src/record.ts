import type { Column } from "@fer-bench/artifacts";
import type { Split } from "./labels.ts";
import type { RawSample } from "./sample.ts";

/** A row of `records.parquet`. */
export interface SampleRecord {
  /** Counts from 0; row order is record order. */
  readonly index: number;
  readonly id: string;
  readonly split: Split;
  readonly label: string;
  readonly subject?: string;
  readonly path: string;
  readonly pixelSha256: string;
  readonly width: number;
  readonly height: number;
  readonly left?: number;
  readonly top?: number;
  readonly boxWidth?: number;
  readonly boxHeight?: number;
  readonly landmarks?: readonly number[];
  readonly votes?: readonly number[];
  /** Records whose pictures are the same, exactly or nearly, have a number in common; absent where there is no other. */
  readonly repeatGroup?: number;
  /** Whether the picture shows nothing. */
  readonly blank?: boolean;
}

export const RECORD_COLUMNS: readonly Column[] = [
  { name: "index", type: "int32" },
  { name: "id", type: "string" },
  { name: "split", type: "string" },
  { name: "label", type: "string" },
  { name: "subject", type: "string", nullable: true },
  { name: "path", type: "string" },
  { name: "pixelSha256", type: "string" },
  { name: "width", type: "int32" },
  { name: "height", type: "int32" },
  { name: "left", type: "double", nullable: true },
  { name: "top", type: "double", nullable: true },
  { name: "boxWidth", type: "double", nullable: true },
  { name: "boxHeight", type: "double", nullable: true },
  { name: "landmarks", type: "floats", nullable: true },
  { name: "votes", type: "ints", nullable: true },
  { name: "repeatGroup", type: "int32", nullable: true },
  { name: "blank", type: "boolean", nullable: true },
];

/** The record of a sample; `sha` is that of its decoded pixels. */
export function toRecord(sample: RawSample, index: number, sha: string): SampleRecord {
  const { id, split, label, subject, path, image, box, landmarks, votes } = sample;
  return {
    index,
    id,
    split,
    label,
    path,
    pixelSha256: sha,
    width: image.width,
    height: image.height,
    ...(subject === undefined ? {} : { subject }),
    ...(box ? { left: box.left, top: box.top, boxWidth: box.width, boxHeight: box.height } : {}),
    ...(landmarks ? { landmarks: Array.from(landmarks) } : {}),
    ...(votes ? { votes } : {}),
  };
}
