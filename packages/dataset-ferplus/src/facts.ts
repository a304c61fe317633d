import { CANONICAL_LABELS, type Expression, type Importable } from "@fer-bench/datasets";

/** The emotions of `fer2013new.csv`, in the order of its columns. */
export const EMOTIONS: readonly Expression[] = [
  "neutral",
  "happy",
  "surprise",
  "sad",
  "angry",
  "disgust",
  "fear",
  "contempt",
];

/** What the file calls them, and after them the votes for "I cannot tell" and "there is no face". */
export const COLUMNS = [
  "neutral",
  "happiness",
  "surprise",
  "sadness",
  "anger",
  "disgust",
  "fear",
  "contempt",
  "unknown",
  "NF",
] as const;

/** The classes of the manifest entry, in whose order votes are given: FER-2013's, then contempt. */
export const CLASSES: readonly Expression[] = [...CANONICAL_LABELS, "contempt"];

/** A row for each of FER-2013's images. */
export const ROWS = 35_887;

export const FER_PLUS: Importable & { readonly name: string } = {
  name: "ferplus",
  title: "FER+",
  howToImport:
    "FER+ is fer2013new.csv of https://github.com/microsoft/FERPlus. Run: fer-bench datasets import ferplus " +
    "<path to fer2013new.csv, or to an archive or folder with it>; its images are FER-2013's, imported as fer2013",
};
