import { FerBenchError } from "@fer-bench/artifacts";
import {
  type DatasetPackage,
  holdOut,
  type Inventory,
  openNested,
  packContents,
  packedSamples,
  placePack,
  type RawSample,
} from "@fer-bench/datasets";
import { z } from "zod";
import { LABELS, RAF_DB } from "./facts.ts";
import { pictureOf, type RafDbSource, readSource } from "./read-source.ts";

const options = z.strictObject({
  /** The 100x100 cuts about the face that the authors made, or the photographs. */
  images: z.enum(["aligned", "original"]).default("aligned"),
  /** RAF-DB has no validation split: this share of each class of its training images is held out, drawn by lot. */
  validation: z
    .strictObject({
      share: z.number().positive().max(0.5).default(0.1),
      seed: z.int().nonnegative().default(1),
    })
    .prefault({}),
});
export type RafDbOptions = z.infer<typeof options>;

const contentsSchema = z.strictObject({
  hasOriginals: z.boolean(),
  images: z.array(
    z.strictObject({
      name: z.string(),
      split: z.enum(["train", "test"]),
      code: z.int().min(1).max(7),
      landmarks: z.array(z.number()).length(10).optional(),
      /** Left, top, right, bottom. */
      box: z.tuple([z.number(), z.number(), z.number(), z.number()]).optional(),
    }),
  ),
});
type Contents = z.infer<typeof contentsSchema>;

/** RAF-DB's basic set (Li, Deng and Du 2017): 15,339 faces from the internet, seven expressions. */
export const rafDb: DatasetPackage<RafDbOptions> = {
  name: "raf-db",
  options,
  async importRaw({ source, rawDir, progress }) {
    const found = await readSource(source);
    const { listed, hasOriginals } = found;
    const total = listed.length * (hasOriginals ? 2 : 1);
    return placePack({ rawDir, dataset: RAF_DB, source, total, progress }, async (add) => {
      const names = new Set(listed.map(({ name }) => name));
      const added = new Set<string>();
      for await (const entry of openNested(source)) {
        const picture = pictureOf(entry.name);
        if (picture === undefined || !names.has(picture.name)) continue;
        const path = pathOf(picture.name, picture.cut);
        if (added.has(path)) continue; // an archive beside what was unpacked from it
        added.add(path);
        await add(path, await entry.bytes());
      }
      const form = `the basic set, aligned${hasOriginals ? " and original" : ""} images`;
      return { form, contents: contentsOf(found), warnings: hasOriginals ? [] : [NO_ORIGINALS] };
    });
  },
  async inventory({ rawDir }): Promise<Inventory> {
    const { images } = await packContents(rawDir, RAF_DB, contentsSchema);
    const tally: Record<string, number> = {};
    for (const { split, code } of images) {
      const key = `${split}: ${LABELS[code]}`;
      tally[key] = (tally[key] ?? 0) + 1;
    }
    return { tally, dropped: [] };
  },
  async *samples({ rawDir, options: { images, validation } }) {
    yield* packedSamples(rawDir, RAF_DB, contentsSchema, (contents) =>
      plan(contents, images, validation, rawDir),
    );
  },
};

const NO_ORIGINALS = 'the original images are not in it: the option "images": "original" needs them';

function pathOf(name: string, cut: RafDbOptions["images"]): string {
  return cut === "aligned" ? `Image/aligned/${name}_aligned.jpg` : `Image/original/${name}.jpg`;
}

function contentsOf({ listed, landmarks, boxes, hasOriginals }: RafDbSource): Contents {
  return {
    hasOriginals,
    images: listed.map((image) => {
      const points = landmarks.get(image.name);
      const box = boxes.get(image.name);
      return { ...image, ...(points && { landmarks: [...points] }), ...(box && { box: [...box] }) } as const;
    }),
  } as Contents;
}

/** Every sample but its pixels, in the order of the label list. */
function plan(
  { hasOriginals, images: listed }: Contents,
  images: RafDbOptions["images"],
  { share, seed }: RafDbOptions["validation"],
  rawDir: string,
): Omit<RawSample, "image">[] {
  if (images === "original" && !hasOriginals) {
    throw new FerBenchError("missing", "the original images were not imported", {
      file: rawDir,
      field: "options.images",
      remedy: 'import RAF-DB with Image/original, or set "images": "aligned"',
    });
  }
  const training = listed.filter(({ split }) => split === "train");
  const held = holdOut(
    training.map(({ code }) => LABELS[code]!),
    share,
    seed,
  );
  const validation = new Set([...held].map((place) => training[place]!.name));
  return listed.map(({ name, split, code, landmarks, box }) => ({
    id: `raf-db-${name}`,
    split: validation.has(name) ? "validation" : split,
    label: LABELS[code]!,
    path: pathOf(name, images),
    // Annotations are in pixels of the original.
    ...(images === "original" && landmarks && { landmarks: Float32Array.from(landmarks) }),
    ...(images === "original" &&
      box && { box: { left: box[0], top: box[1], width: box[2] - box[0], height: box[3] - box[1] } }),
  }));
}
