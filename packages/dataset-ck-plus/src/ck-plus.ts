import { type DatasetPackage, openNested, packContents, packedSamples, placePack } from "@fer-bench/datasets";
import { type Contents, contentsSchema, type Sequence } from "./contents.ts";
import { CK_PLUS } from "./facts.ts";
import { frameFileOf, parseLandmarks } from "./frame-files.ts";
import { type CkPlusOptions, inventoryOf, pathOf, planSamples, protocolSchema } from "./protocol.ts";
import { readSource } from "./read-source.ts";

/** CK+ (Lucey et al. 2010): posed expressions, each a sequence from a neutral face to its peak. */
export const ckPlus: DatasetPackage<CkPlusOptions> = {
  name: "ck-plus",
  options: protocolSchema,
  async importRaw({ source, rawDir, progress }) {
    const contents = await readSource(source);
    const { sequences } = contents;
    const sequenceOf = new Map(
      sequences.flatMap((one) => framesOf(one).map((frame) => [frame, one] as const)),
    );
    const total = sequenceOf.size;
    return placePack({ rawDir, dataset: CK_PLUS, source, total, progress }, async (add) => {
      const added = new Set<string>();
      for await (const entry of openNested(source)) {
        const file = frameFileOf(entry.name);
        const sequence = file && sequenceOf.get(file.frame);
        if (file === undefined || sequence === undefined) continue;
        if (file.kind === "landmarks") {
          const text = (await entry.bytes()).toString("utf8");
          sequence.landmarks[file.frame] = parseLandmarks(text, `${source}: ${entry.name}`);
        } else if (file.kind === "image" && !added.has(file.frame)) {
          added.add(file.frame);
          await add(pathOf(file.frame), await entry.bytes());
        }
      }
      return { form: describe(contents), contents, warnings: warningsOf(contents) };
    });
  },
  async inventory({ rawDir, options }) {
    return inventoryOf(await packContents(rawDir, CK_PLUS, contentsSchema), options);
  },
  async *samples({ rawDir, options }) {
    yield* packedSamples(rawDir, CK_PLUS, contentsSchema, (contents) =>
      planSamples(contents, options, rawDir),
    );
  },
};

/** The frames of a sequence that some protocol uses. */
function framesOf({ first, last }: Sequence): string[] {
  return [...new Set([...(first === undefined ? [] : [first]), ...last])];
}

function describe({ form, sequences, unlabelled, subjects }: Contents): string {
  const labelled = `${sequences.length} with an emotion`;
  return form === "48x48"
    ? `48x48 faces of ${sequences.length} sequences of ${subjects} subjects`
    : `${sequences.length + unlabelled} sequences of ${subjects} subjects, ${labelled}`;
}

function warningsOf({ form, sequences }: Contents): string[] {
  if (form === "48x48") return [];
  const frames = sequences.flatMap((one) =>
    framesOf(one).filter((frame) => one.landmarks[frame] === undefined),
  );
  return frames.length === 0
    ? []
    : [`${frames.length} frames have no file in Landmarks: their faces have no box`];
}
