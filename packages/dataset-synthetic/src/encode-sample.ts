import sharp from "sharp";
import { subjectName } from "./identity.ts";
import type { SyntheticOptions } from "./options.ts";
import { type PlannedSample, renderSample } from "./plan.ts";

/** A row of `samples.parquet`: everything known about one picture. */
export interface SampleRow {
  readonly id: string;
  readonly split: string;
  readonly label: string;
  readonly subject: string;
  readonly path: string;
  readonly boxLeft: number;
  readonly boxTop: number;
  readonly boxWidth: number;
  readonly boxHeight: number;
  /** The face as detectors are to find it, in pixels (`Portrait.faceBox`). */
  readonly faceLeft: number;
  readonly faceTop: number;
  readonly faceWidth: number;
  readonly faceHeight: number;
  /** x0, y0, x1, y1 ... of the 68 points, in pixels. */
  readonly landmarks: readonly number[];
  /** Degrees: to the picture's right, down, clockwise. */
  readonly yaw: number;
  readonly pitch: number;
  readonly roll: number;
  /** What is in front of the face, or "none". */
  readonly occlusion: string;
  /** Overall strength of the expression, 0 to 1. */
  readonly strength: number;
  /** JSON: intensity 0 to 1 of every active action unit on the picture's left and right half. */
  readonly actionUnits: string;
}

export interface EncodedSample {
  readonly row: SampleRow;
  readonly png: Uint8Array;
}

/** Renders a planned picture and packs it as PNG. */
export async function encodeSample(sample: PlannedSample, options: SyntheticOptions): Promise<EncodedSample> {
  const { performance, scene, portrait } = renderSample(sample, options);
  const { data, width, height, channels } = portrait.image;
  const png = await sharp(data, { raw: { width, height, channels } })
    .png({ compressionLevel: 6, adaptiveFiltering: true })
    .toBuffer();
  const degrees = (radians: number): number => (radians * 180) / Math.PI;
  return {
    png,
    row: {
      id: sample.id,
      split: sample.split,
      label: sample.label,
      subject: subjectName(sample.person),
      path: sample.path,
      boxLeft: portrait.box.left,
      boxTop: portrait.box.top,
      boxWidth: portrait.box.width,
      boxHeight: portrait.box.height,
      faceLeft: portrait.faceBox.left,
      faceTop: portrait.faceBox.top,
      faceWidth: portrait.faceBox.width,
      faceHeight: portrait.faceBox.height,
      landmarks: Array.from(portrait.landmarks),
      yaw: degrees(scene.pose.yaw),
      pitch: degrees(scene.pose.pitch),
      roll: degrees(scene.pose.roll),
      occlusion: scene.occluder.kind,
      strength: performance.strength,
      actionUnits: JSON.stringify(performance.units, (_, value) =>
        typeof value === "number" ? Math.round(value * 1e4) / 1e4 : value,
      ),
    },
  };
}
