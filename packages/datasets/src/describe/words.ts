import type { DatasetEntry } from "../manifest.ts";
import type { DatasetSummary } from "../prepare.ts";

/** Images of a split. */
export function imagesOf(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

/** What a data set is, in a few sentences. */
export function describeDataset(entry: DatasetEntry, { counts }: DatasetSummary): string {
  const splits = Object.entries(counts)
    .map(([split, of]) => [split, imagesOf(of)] as const)
    .filter(([, images]) => images > 0);
  const total = splits.reduce((sum, [, images]) => sum + images, 0);
  const parts = splits.map(([split, images]) => `${split} ${images.toLocaleString("en")}`).join(", ");
  return [
    entry.description ?? `${entry.title}: facial expressions.`,
    `${total.toLocaleString("en")} images of ${entry.classes.length} classes (${entry.classes.join(", ")}); ${parts}.`,
  ].join(" ");
}

/** What the columns of `records.parquet` say. */
export const RECORD_WORDS: Readonly<Record<string, string>> = {
  index: "Counts from 0.",
  id: "Identifies the image in its data set, whatever form it came in.",
  split: "train, validation or test.",
  label: "One of the classes.",
  subject: "Who is pictured, where the data set says so.",
  path: "Where the image is in the raw data.",
  pixelSha256: 'SHA-256 over "WxHxC\\n" and the decoded pixels.',
  width: "Of the raw image, in pixels.",
  height: "Of the raw image, in pixels.",
  left: "Of the face's box, in pixels.",
  top: "Of the face's box, in pixels.",
  boxWidth: "Of the face's box, in pixels.",
  boxHeight: "Of the face's box, in pixels.",
  landmarks: "x0, y0, x1, y1 ... in pixels.",
  votes: "Of annotators, one number a class, in the order of the classes.",
  repeatGroup: "Images of one picture, exactly or nearly the same, have a number in common.",
  blank: "Whether the image shows nothing.",
};

/** What the columns of `faces.parquet` say. */
export const FACE_WORDS: Readonly<Record<string, string>> = {
  index: "Counts from 0; the row of the face in faces.npy.",
  id: "The image's in records.parquet; where all faces of an image are kept, further ones have #2, #3 ... behind it.",
  split: RECORD_WORDS.split!,
  label: RECORD_WORDS.label!,
  subject: RECORD_WORDS.subject!,
  left: "Of the part that the face chip shows, in pixels of the raw image; it is turned by roll about its centre.",
  top: "Of the part that the face chip shows, in pixels of the raw image.",
  width: "Of the part that the face chip shows, in pixels of the raw image.",
  height: "Of the part that the face chip shows, in pixels of the raw image.",
  score: "The detector's confidence.",
  roll: "How the face is turned in the picture's plane: radians, clockwise as seen.",
  landmarks: "x0, y0, x1, y1 ... in pixels of the face chip.",
  found: "How the face was found.",
  votes: RECORD_WORDS.votes!,
};
