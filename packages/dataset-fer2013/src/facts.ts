import type { Importable, Label, Split } from "@fer-bench/datasets";

export const FER2013: Importable = {
  title: "FER-2013",
  howToImport: "Run: fer-bench datasets import fer2013 <path to fer2013.csv, or to another form of it>",
};

/** Faces are 48x48, grey (Goodfellow et al. 2013, section 2.1). */
export const SIDE = 48;
export const PIXELS = SIDE * SIDE;

/** The `emotion` column counts the canonical labels in this order. */
export const CLASSES = [
  "angry",
  "disgust",
  "fear",
  "happy",
  "sad",
  "surprise",
  "neutral",
] as const satisfies readonly Label[];

/** The `Usage` column, in the order in which its rows come. */
export const USAGES = ["Training", "PublicTest", "PrivateTest"] as const;
export type Usage = (typeof USAGES)[number];

/** The usual protocol: the public leaderboard's rows validate, the private one's are reported. */
export const SPLIT_OF_USAGE: Readonly<Record<Usage, Split>> = {
  Training: "train",
  PublicTest: "validation",
  PrivateTest: "test",
};

/** The two files of the challenge that hold every image, with the checksums published for them. */
export const PUBLISHED_CSVS = [
  { name: "fer2013.csv", md5: "f8428a1edbd21e88f42c73edd2a14f95" },
  { name: "icml_face_data.csv", md5: "b114b9e04e6949e5fe8b6a98b3892b1d" },
] as const;
