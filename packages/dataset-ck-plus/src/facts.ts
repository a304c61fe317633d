import type { Expression, Importable } from "@fer-bench/datasets";

/** What CK+'s emotion files call the expressions: 0 to 7 (Lucey et al. 2010, and the distribution's readme). */
export const EMOTIONS: readonly Expression[] = [
  "neutral",
  "angry",
  "contempt",
  "disgust",
  "fear",
  "happy",
  "sad",
  "surprise",
];

export const CK_PLUS: Importable & { readonly name: string } = {
  name: "ck-plus",
  title: "CK+",
  howToImport:
    "CK+ is given to academic groups on request: see http://www.jeffcohn.net/Resources/. Then run: fer-bench datasets " +
    "import ck-plus <folder>, with the folder that has cohn-kanade-images/, Emotion/, and where you want them " +
    "Landmarks/ and FACS/, or the four zip archives as they come. For 48x48 faces in class folders: fer-bench " +
    "datasets import ck-plus-48 <folder>",
};
