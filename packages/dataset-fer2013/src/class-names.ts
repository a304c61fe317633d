import { CLASSES } from "./facts.ts";

/** How copies of the data set spell its class folders; a digit is the `emotion` column's. */
const SPELLINGS: readonly (readonly string[])[] = [
  ["0", "angry", "anger"],
  ["1", "disgust", "disgusted"],
  ["2", "fear", "fearful", "afraid", "scared"],
  ["3", "happy", "happiness", "joy"],
  ["4", "sad", "sadness"],
  ["5", "surprise", "surprised"],
  ["6", "neutral"],
];

const CODES = new Map(SPELLINGS.flatMap((names, code) => names.map((name) => [name, code] as const)));

/** The class that a folder's name means, as an index of CLASSES. */
export function classOfFolder(folder: string): number | undefined {
  return CODES.get(folder.toLowerCase().replace(/^\d[\s._-]+(?=\D)/, ""));
}

export const CLASS_FOLDERS_HELP = `the classes are ${CLASSES.join(", ")}`;
