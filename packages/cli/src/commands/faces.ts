import { cutChip, DLIB_PADDING, openFaceFinder } from "@fer-bench/preprocess";
import type { CommandContext } from "../context.ts";
import { jsonPrinter, linesPrinter } from "../photographs/answer-printers.ts";
import { eachPhotograph } from "../photographs/each-photograph.ts";
import {
  type FaceSearchOptions,
  faceAnswer,
  headline,
  type PhotographAnswer,
  SEARCH_HARDER,
  searchOptions,
} from "../photographs/face-search.ts";
import { listPhotographs } from "../photographs/list-photographs.ts";
import { writePictures } from "../photographs/write-pictures.ts";

export interface FacesOptions extends FaceSearchOptions {
  /** A folder for annotated photographs and chips; none are written where absent. */
  out?: string;
  /** Side of the chips in pixels. */
  size: number;
  padding?: number;
}

/** Finds the faces of photographs: boxes, scores and landmarks; with `out`, annotated photographs and chips. */
export async function findFaces(
  context: CommandContext,
  paths: readonly string[],
  { out, size, padding = DLIB_PADDING, ...search }: FacesOptions,
): Promise<void> {
  const listed = await listPhotographs(paths, out);
  const finder = await openFaceFinder({ ...(await searchOptions(search)), size, padding });
  const printer = context.json ? jsonPrinter(context.print) : linesPrinter(context.print, describe);
  await eachPhotograph<PhotographAnswer>(context, {
    task: "faces",
    listed,
    printer,
    remedy: SEARCH_HARDER,
    async answer(photograph, { path, name }) {
      const { image, width, height } = photograph;
      const found = finder.find(image);
      const marks = found.map(({ box, detected = box, roll, landmarks, score }, i) => ({
        box: detected,
        chip: { box, roll },
        landmarks,
        label: [...(found.length > 1 ? [i + 1] : []), `score ${score?.toFixed(2)}`].join("  "),
      }));
      const chips = out === undefined ? [] : found.map((face) => cutChip(image, face, size));
      const written = out === undefined ? undefined : await writePictures(out, name, image, marks, chips);
      return {
        photograph: path,
        width,
        height,
        faces: found.map((face, i) => faceAnswer(photograph, face, i + 1, written?.chips[i])),
        ...(written && { annotated: written.annotated }),
      };
    },
  });
}

function describe(answer: PhotographAnswer): string[] {
  return [
    headline(answer),
    ...answer.faces.flatMap(({ face, box, score, found, landmarks }) => [
      `  ${face}  score ${score?.toFixed(3)}  ${box.width} x ${box.height} at ${box.left}, ${box.top}  ${found}`,
      `     ${landmarks.length > MOST_PRINTED ? `${landmarks.length} landmarks: see --json` : landmarks.map(([x, y]) => `(${x}, ${y})`).join(" ")}`,
    ]),
  ];
}

/** More than dlib's five are for programs. */
const MOST_PRINTED = 5;
