import type { Importable, Label } from "@fer-bench/datasets";

/** What RAF-DB's label files call the basic expressions: 1 to 7 (its readme, "Basic emotion annotation"). */
export const LABELS: Readonly<Record<number, Label>> = {
  1: "surprise",
  2: "fear",
  3: "disgust",
  4: "happy",
  5: "sad",
  6: "angry",
  7: "neutral",
};

export const RAF_DB: Importable & { readonly name: string } = {
  name: "raf-db",
  title: "RAF-DB",
  howToImport:
    "RAF-DB is given to academic groups on request: ask at http://www.whdeng.cn/RAF/model1.html. Then run: " +
    "fer-bench datasets import raf-db <folder>, with the folder basic/ or the one it is in: " +
    "EmoLabel/list_patition_label.txt, Image/aligned/train_00001_aligned.jpg ... or Image/aligned.zip, and where you " +
    "want them Image/original/ and Annotation/",
};
