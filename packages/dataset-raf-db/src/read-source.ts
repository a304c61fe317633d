import { FerBenchError } from "@fer-bench/artifacts";
import { openNested } from "@fer-bench/datasets";
import { annotationOf, parseBox, parseLandmarks } from "./annotations.ts";
import { RAF_DB } from "./facts.ts";
import { checkLabelList, type ListedImage, parseLabelList } from "./label-list.ts";

/** The two cuts of every image: 100x100 about the face, and the photograph. */
export type Cut = "aligned" | "original";

/** What a copy of the basic set says and has, before its pictures are read. */
export interface RafDbSource {
  readonly listed: readonly ListedImage[];
  readonly landmarks: ReadonlyMap<string, readonly number[]>;
  readonly boxes: ReadonlyMap<string, readonly [number, number, number, number]>;
  /** Whether the originals are there, too. */
  readonly hasOriginals: boolean;
}

/** The image that a path is of; `Image/aligned/train_00001_aligned.jpg`, `Image/original/train_00001.jpg`. */
export function pictureOf(path: string): { name: string; cut: Cut } | undefined {
  const [, name, aligned] = /(?:^|\/)((?:train|test)_\d+)(_aligned)?\.jpg$/i.exec(path) ?? [];
  return name === undefined ? undefined : { name, cut: aligned === undefined ? "original" : "aligned" };
}

/** Reads all but the pictures. FerBenchError where labels or pictures are missing, saying which. */
export async function readSource(source: string): Promise<RafDbSource> {
  let listed: ListedImage[] | undefined;
  const landmarks = new Map<string, number[]>();
  const boxes = new Map<string, [number, number, number, number]>();
  const pictures = { aligned: new Set<string>(), original: new Set<string>() };
  for await (const entry of openNested(source)) {
    const text = async (): Promise<string> => (await entry.bytes()).toString("utf8");
    const where = `${source}: ${entry.name}`;
    const picture = pictureOf(entry.name);
    const annotation = annotationOf(entry.name);
    if (picture) pictures[picture.cut].add(picture.name);
    else if (annotation?.kind === "landmarks")
      landmarks.set(annotation.name, parseLandmarks(await text(), where));
    else if (annotation) boxes.set(annotation.name, parseBox(await text(), where));
    else if (/(?:^|\/)list_par?tition_label\.txt$/.test(entry.name)) {
      listed = parseLabelList(await text(), where);
      checkLabelList(listed, where);
    }
  }
  if (listed === undefined) {
    throw new FerBenchError("missing", "RAF-DB's labels are not in it: EmoLabel/list_patition_label.txt", {
      file: source,
      remedy: RAF_DB.howToImport,
    });
  }
  checkPictures("aligned", listed, pictures.aligned, source);
  if (pictures.original.size > 0) checkPictures("original", listed, pictures.original, source);
  return { listed, landmarks, boxes, hasOriginals: pictures.original.size > 0 };
}

function checkPictures(
  cut: Cut,
  listed: readonly ListedImage[],
  found: ReadonlySet<string>,
  source: string,
): void {
  const missing = listed.filter(({ name }) => !found.has(name));
  if (missing.length === 0) return;
  const first = cut === "aligned" ? `${missing[0]!.name}_aligned.jpg` : `${missing[0]!.name}.jpg`;
  throw new FerBenchError(
    "missing",
    `${missing.length} of the ${listed.length} listed images are not in Image/${cut}, the first is ${first}`,
    { file: source, field: `Image/${cut}/${first}`, remedy: RAF_DB.howToImport },
  );
}
