import { deriveSeed } from "@fer-bench/artifacts";
import type { PixelImage, RawSample } from "@fer-bench/datasets";
import sharp from "sharp";
import { SOURCE_COLUMNS, SOURCE_SIDE } from "./contact-sheet.ts";
import type { LocatedFace } from "./located-face.ts";

/** A picture as it came, made small, and what was found in it. */
export interface SourceExample {
  readonly picture: PixelImage;
  /** Its pixels to one of the picture as it came. */
  readonly scale: number;
  /** In pixels of the picture as it came. */
  readonly faces: readonly LocatedFace[];
}

/** Pictures with which the search went alike. */
export interface SourceGroup {
  readonly label: string;
  /** How many pictures there are of the kind. */
  readonly count: number;
  readonly examples: readonly SourceExample[];
}

/** Failures first. */
const GROUPS = ["no face", "several faces", "upsampled", "one face"] as const;
type Group = (typeof GROUPS)[number];

function groupOf(faces: readonly LocatedFace[]): Group {
  const [face] = faces;
  if (face === undefined || face.among === 0) return "no face";
  if ((face.among ?? 1) > 1) return "several faces";
  return face.found === "detected" ? "one face" : "upsampled";
}

interface Drawn extends SourceExample {
  readonly lot: number;
}

export interface SourceExamples {
  add(sample: RawSample, faces: readonly LocatedFace[]): Promise<void>;
  /** Kinds of which there are none are left out. */
  groups(): SourceGroup[];
}

/**
 * Chooses some pictures of each kind as they pass, by lot, the same ones in whatever order they come. It holds small
 * copies of so many.
 */
export function createSourceExamples(most = SOURCE_COLUMNS, side = SOURCE_SIDE): SourceExamples {
  const kept = new Map<Group, { count: number; drawn: Drawn[] }>(
    GROUPS.map((group) => [group, { count: 0, drawn: [] }]),
  );
  return {
    async add({ id, image }, faces) {
      const group = kept.get(groupOf(faces))!;
      group.count++;
      const lot = deriveSeed("contact-sheet", id);
      if (group.drawn.length === most && lot > group.drawn.at(-1)!.lot) return;
      group.drawn.push({ ...(await fitInto(image, side)), faces, lot });
      group.drawn.sort((a, b) => a.lot - b.lot);
      group.drawn.length = Math.min(most, group.drawn.length);
    },
    groups: () =>
      [...kept]
        .filter(([, { count }]) => count > 0)
        .map(([label, { count, drawn }]) => ({
          label,
          count,
          examples: drawn.map(({ lot: _, ...example }) => example),
        })),
  };
}

/** The whole picture, its longer side `side` pixels; pixels stay square where it is enlarged. */
async function fitInto(image: PixelImage, side: number): Promise<{ picture: PixelImage; scale: number }> {
  const { width, height, channels } = image;
  const scale = side / Math.max(width, height);
  const [wide, high] = [width, height].map((length) => Math.max(1, Math.round(length * scale))) as [
    number,
    number,
  ];
  const { data } = await sharp(image.data, { raw: { width, height, channels } })
    .resize(wide, high, { fit: "fill", kernel: scale > 1 ? "nearest" : "lanczos3" })
    .toColourspace(channels === 1 ? "b-w" : "srgb")
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { picture: { width: wide, height: high, channels, data: new Uint8Array(data) }, scale };
}
