import { FerBenchError } from "@fer-bench/artifacts";
import { LABELS, RAF_DB } from "./facts.ts";

/** A line of `list_patition_label.txt` (so spelt): `train_00001.jpg 5`. */
export interface ListedImage {
  /** `train_00001` */
  readonly name: string;
  readonly split: "train" | "test";
  /** 1 to 7 */
  readonly code: number;
}

const LINE = /^((train|test)_\d+)\.jpg\s+([1-7])$/;

/** FerBenchError naming the line that is none, or names an image twice. */
export function parseLabelList(text: string, file: string): ListedImage[] {
  const seen = new Set<string>();
  const listed: ListedImage[] = [];
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === "") continue;
    const refuse = (what: string): never => {
      throw new FerBenchError("bad-data", what, {
        file,
        field: `line ${i + 1}: ${line.slice(0, 60)}`,
        remedy:
          "restore the list as it was handed out: a line an image, such as train_00001.jpg 5, labels 1 to 7",
      });
    };
    const [, name, split, code] = LINE.exec(line.trim()) ?? [];
    if (name === undefined) return refuse("not an image and its label");
    if (seen.has(name)) refuse("an image that was listed before");
    seen.add(name);
    listed.push({ name, split: split as ListedImage["split"], code: Number(code) });
  }
  return listed;
}

/** Refuses a list with nothing in it, or without one of the splits or labels: it is not the basic set's. */
export function checkLabelList(listed: readonly ListedImage[], file: string): void {
  const missing = [
    ...["train", "test"].filter((split) => !listed.some((image) => image.split === split)),
    ...Object.keys(LABELS)
      .filter((code) => !listed.some((image) => image.code === Number(code)))
      .map((code) => `label ${code}`),
  ];
  if (missing.length === 0) return;
  throw new FerBenchError("bad-data", `the list has no image of ${missing.join(", ")}`, {
    file,
    remedy: RAF_DB.howToImport,
  });
}
