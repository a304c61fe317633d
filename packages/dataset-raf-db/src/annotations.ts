import { FerBenchError } from "@fer-bench/artifacts";

/*
 * The files of `Annotation/`, one an image: `manual/train_00001_manu_attri.txt` has five landmarks, a line each (eyes,
 * nose, corners of the mouth), then gender, race and age; `boundingbox/train_00001_boundingbox.txt` has left, top, right
 * and bottom. All are in pixels of the original image.
 */

/** Which image a file of `Annotation/` is of, and which of the two it is. */
export function annotationOf(file: string): { name: string; kind: "landmarks" | "box" } | undefined {
  const [, name, kind] = /(?:^|\/)((?:train|test)_\d+)_(manu_attri|boundingbox)\.txt$/.exec(file) ?? [];
  return name === undefined ? undefined : { name, kind: kind === "boundingbox" ? "box" : "landmarks" };
}

/** x0, y0 ... x4, y4. */
export function parseLandmarks(text: string, file: string): number[] {
  const lines = text.split(/\r?\n/).slice(0, 5);
  return numbersOf(lines.join(" "), 10, "five landmarks, a line each", file);
}

/** Left, top, right, bottom. */
export function parseBox(text: string, file: string): [number, number, number, number] {
  const [left, top, right, bottom] = numbersOf(text, 4, "a box: left, top, right, bottom", file) as [
    number,
    number,
    number,
    number,
  ];
  if (right > left && bottom > top) return [left, top, right, bottom];
  throw malformed(`a box of ${right - left} x ${bottom - top}`, file);
}

function numbersOf(text: string, count: number, what: string, file: string): number[] {
  const numbers = text.trim().split(/\s+/).map(Number);
  if (numbers.length === count && numbers.every(Number.isFinite)) return numbers;
  throw malformed(`this is not ${what}`, file);
}

function malformed(what: string, file: string): FerBenchError {
  return new FerBenchError("bad-data", what, { file, remedy: "restore the file as it was handed out" });
}
