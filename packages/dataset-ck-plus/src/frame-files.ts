import { FerBenchError } from "@fer-bench/artifacts";
import { EMOTIONS } from "./facts.ts";

/*
 * CK+ names all of its files by subject, sequence and frame: `S005_001_00000011.png`, `..._emotion.txt` (one number,
 * such as `3.0000000e+00`), `..._landmarks.txt` (68 lines of x and y), `..._facs.txt` (lines of action unit and
 * intensity).
 */

export type FileKind = "image" | "emotion" | "landmarks" | "facs";

export interface FrameFile {
  readonly kind: FileKind;
  /** `S005` */
  readonly subject: string;
  /** `S005_001` */
  readonly sequence: string;
  /** `S005_001_00000011` */
  readonly frame: string;
}

const NAME = /(?:^|\/)((S\d{3})_\d{3})_(\d{8})(?:\.(png)|_(emotion|landmarks|facs)\.txt)$/;

/** What a file is, by its name; undefined for others. */
export function frameFileOf(path: string): FrameFile | undefined {
  const [, sequence, subject, number, png, text] = NAME.exec(path) ?? [];
  if (sequence === undefined || subject === undefined) return undefined;
  const kind = png === undefined ? (text as FileKind) : "image";
  return { kind, subject, sequence, frame: `${sequence}_${number}` };
}

/** 0 to 7. */
export function parseEmotion(text: string, file: string): number {
  const code = Number(text.trim() || Number.NaN);
  if (Number.isInteger(code) && code >= 0 && code < EMOTIONS.length) return code;
  throw new FerBenchError("bad-data", `"${text.trim().slice(0, 40)}" is no emotion: 0 to 7 are`, {
    file,
    remedy: "restore the file as it was handed out",
  });
}

/** x0, y0 ... x67, y67 in pixels, iBUG's order of points. */
export function parseLandmarks(text: string, file: string): number[] {
  const numbers = text.trim().split(/\s+/).map(Number);
  if (numbers.length === 136 && numbers.every(Number.isFinite)) return numbers;
  throw new FerBenchError("bad-data", `${numbers.length / 2} landmarks, not 68 lines of x and y`, {
    file,
    remedy: "restore the file as it was handed out",
  });
}

/** How many action units are coded. */
export function countActionUnits(text: string, file: string): number {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== "");
  for (const line of lines) {
    const numbers = line.trim().split(/\s+/).map(Number);
    if (numbers.length === 2 && numbers.every(Number.isFinite)) continue;
    throw new FerBenchError("bad-data", "a line is not an action unit and its intensity", {
      file,
      field: line.slice(0, 60),
      remedy: "restore the file as it was handed out",
    });
  }
  return lines.length;
}
