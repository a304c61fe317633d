import { readFileSync } from "node:fs";
import { z } from "zod";

const numbers = z.array(z.number()).transform((values) => Float32Array.from(values));

/** data/dlib-frontal-faces.json, as tools/dlib/record-filters.ts writes it. */
const FaceFilters = z.object({
  /** dlib's version. */
  dlib: z.string(),
  cellSize: z.literal(8),
  padding: z.literal(0),
  /** The pyramid goes on while both sides have at least so many pixels. */
  smallestLevel: z.object({ width: z.int(), height: z.int() }),
  mostLevels: z.int(),
  /** Of two boxes that overlap by more, the weaker one is dropped. */
  overlap: z.object({ intersectionOverUnion: z.number(), covered: z.number() }),
  rows: z.literal(10),
  columns: z.literal(10),
  planes: z.literal(31),
  /** Looking ahead, left, right, and ahead with the head turned left and right; weights by plane, row, column. */
  filters: z.array(z.object({ threshold: z.number(), weights: numbers })).length(5),
});

/** dlib's frontal face detector: filters over planes of features, and how their answers become faces. */
export type FaceFilters = z.output<typeof FaceFilters>;

let loaded: FaceFilters | undefined;

/** The filters that come with the package, read once. */
export function faceFilters(): FaceFilters {
  loaded ??= FaceFilters.parse(
    JSON.parse(readFileSync(new URL("../../data/dlib-frontal-faces.json", import.meta.url), "utf8")),
  );
  return loaded;
}
