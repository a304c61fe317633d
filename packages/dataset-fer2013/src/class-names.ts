import { expressionOf } from "@fer-bench/datasets";
import { CLASSES } from "./facts.ts";

/** The class that a folder's name means, as an index of CLASSES: any usual spelling, or the digit of the `emotion` column. */
export function classOfFolder(folder: string): number | undefined {
  if (/^[0-6]$/.test(folder)) return Number(folder);
  const expression = expressionOf(folder.replace(/^\d[\s._-]+(?=\D)/, ""));
  const code = (CLASSES as readonly (string | undefined)[]).indexOf(expression);
  return code === -1 ? undefined : code;
}

export const CLASS_FOLDERS_HELP = `the classes are ${CLASSES.join(", ")}`;
