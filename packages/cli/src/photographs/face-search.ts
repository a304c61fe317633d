import {
  type FaceFinderOptions,
  type FacesPolicy,
  type FoundFace,
  findNamedLandmarks,
  landmarksStores,
  type Photograph,
} from "@fer-bench/preprocess";

/** How faces are searched for, as the command line has it. */
export interface FaceSearchOptions {
  /** A name or a file. */
  landmarks?: string;
  upsample: number;
  border: number;
  threshold: number;
  smallestFace?: number;
  faces: FacesPolicy;
}

/** Where there is no face, the photograph is doubled once, if it was not already. Errors: of `findNamedLandmarks`. */
export async function searchOptions({
  landmarks,
  upsample,
  border,
  threshold,
  smallestFace,
  faces,
}: FaceSearchOptions): Promise<FaceFinderOptions> {
  const named = { folder: process.cwd(), stores: landmarksStores({ offline: true }) };
  return {
    landmarks: landmarks === undefined ? undefined : (await findNamedLandmarks(landmarks, named)).path,
    upsamplings: upsample,
    mostUpsamplings: Math.max(1, upsample),
    border,
    threshold,
    ...(smallestFace !== undefined && { smallestFace }),
    faces,
  };
}

/** What to try where faces were not found. */
export const SEARCH_HARDER =
  "--upsample 2 finds smaller ones, --border 0.25 some that fill the picture, --threshold -0.5 less sure ones";

/** What is said of a photograph. */
export interface PhotographAnswer<Face extends FaceAnswer = FaceAnswer> {
  readonly photograph: string;
  readonly width: number;
  readonly height: number;
  readonly faces: readonly Face[];
  /** The annotated picture, where one was written. */
  readonly annotated?: string;
}

/** The first line of an answer for people. */
export function headline({ photograph, faces, annotated }: PhotographAnswer): string {
  const found = faces.length === 0 ? "no face found" : counted(faces.length, "face");
  return `${photograph}: ${found}${annotated === undefined ? "" : `  ->  ${annotated}`}`;
}

/** A face as answers have it; positions in pixels of the whole photograph, edges between pixels. */
export interface FaceAnswer {
  /** From 1, the surest first. */
  readonly face: number;
  /** The detector's; the whole picture where it stands for a face. */
  readonly box: BoxAnswer;
  /** The detector's confidence; null where the whole picture stands for a face. */
  readonly score: number | null;
  readonly found: string;
  /** x and y of each; the first pixel's centre is at (0, 0). */
  readonly landmarks: readonly (readonly [number, number])[];
  /** The square that the chip shows, turned by `roll` degrees, clockwise as seen, about its centre. */
  readonly chip: BoxAnswer & { readonly roll: number; readonly file?: string };
}

interface BoxAnswer {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** A face found in what was read of a photograph, as it is in the whole photograph. */
export function faceAnswer(
  { image, width, height }: Photograph,
  face: FoundFace,
  number: number,
  file?: string,
): FaceAnswer {
  const [across, down] = [width / image.width, height / image.height];
  const boxOf = (box: BoxAnswer): BoxAnswer => ({
    left: rounded(box.left * across),
    top: rounded(box.top * down),
    width: rounded(box.width * across),
    height: rounded(box.height * down),
  });
  const { box, detected = box, score, found, landmarks = [], roll = 0 } = face;
  const points = Array.from({ length: landmarks.length / 2 }, (_, i): [number, number] => [
    rounded((landmarks[2 * i]! + 0.5) * across - 0.5),
    rounded((landmarks[2 * i + 1]! + 0.5) * down - 0.5),
  ]);
  return {
    face: number,
    box: boxOf(detected),
    score: score === undefined ? null : rounded(score, 10_000),
    found,
    landmarks: points,
    chip: { ...boxOf(box), roll: rounded((roll * 180) / Math.PI), ...(file !== undefined && { file }) },
  };
}

function rounded(value: number, parts = 100): number {
  return Math.round(value * parts) / parts;
}

/** `3 faces` */
export function counted(count: number, one: string): string {
  return `${count} ${one}${count === 1 ? "" : "s"}`;
}
