import { FerBenchError } from "@fer-bench/artifacts";
import {
  type DatasetPackage,
  type Dropped,
  type Inventory,
  openNested,
  packContents,
  packedSamples,
  placePack,
  type RawSample,
  splitBySubject,
  subjectSplitSettings,
} from "@fer-bench/datasets";
import { z } from "zod";
import { MUXSPACE } from "./facts.ts";
import { type Legend, readLegend, subjectOf } from "./legend.ts";

const options = z.strictObject({
  /** Nine photographs show contempt, which other sets do not have. */
  contempt: z.enum(["drop", "keep"]).default("drop"),
  /** By people, as file names tell them; many are in several photographs. */
  split: subjectSplitSettings.prefault({ kind: "folds" }),
});
export type MuxspaceOptions = z.infer<typeof options>;

const contentsSchema = z.strictObject({
  labelled: z.array(z.strictObject({ image: z.string(), label: z.string() })),
  tally: z.record(z.string(), z.number()),
  dropped: z.array(
    z.strictObject({ reason: z.string(), count: z.number(), examples: z.array(z.string()).optional() }),
  ),
});
type Contents = z.infer<typeof contentsSchema>;

/** Photographs that students of a course labelled, most of them after LFW: one face each, openly licensed. */
export const muxspace: DatasetPackage<MuxspaceOptions> = {
  name: "muxspace",
  options,
  async importRaw({ source, rawDir, progress }) {
    const { legend, images } = await readSource(source);
    const { labelled, tally, dropped, respelt } = legend;
    const missing = labelled.filter(({ image }) => !images.has(image));
    if (missing.length > 0) {
      throw new FerBenchError(
        "missing",
        `${missing.length} of the ${labelled.length} listed images are not in images/`,
        {
          file: source,
          field: `images/${missing[0]!.image}`,
          remedy: MUXSPACE.howToImport,
        },
      );
    }
    const wanted = new Set(labelled.map(({ image }) => image));
    const total = wanted.size;
    return placePack({ rawDir, dataset: MUXSPACE, source, total, progress }, async (add) => {
      const added = new Set<string>();
      for await (const entry of openNested(source)) {
        const image = imageOf(entry.name);
        if (image === undefined || !wanted.has(image) || added.has(image)) continue;
        added.add(image);
        await add(`images/${image}`, await entry.bytes());
      }
      const rows = Object.values(tally).reduce((a, b) => a + b, 0);
      return {
        form: `legend.csv of ${rows.toLocaleString("en")} rows, ${total.toLocaleString("en")} photographs`,
        contents: { labelled, tally, dropped },
        warnings: [
          ...(respelt > 0
            ? [`${respelt} labels are spelt otherwise than the class is called, and were read as it`]
            : []),
          ...dropped.map(describeDropped),
        ],
      };
    });
  },
  async inventory({ rawDir, options }): Promise<Inventory> {
    const { tally, dropped, labelled } = await packContents(rawDir, MUXSPACE, contentsSchema);
    const left = labelled.filter(({ label }) => !isKept(label, options)).map(({ image }) => image);
    const contempt: Dropped = { reason: "photographs of contempt", count: left.length, examples: left };
    return { tally, dropped: [...(dropped as Dropped[]), contempt].filter(({ count }) => count > 0) };
  },
  async *samples({ rawDir, options }) {
    yield* packedSamples(rawDir, MUXSPACE, contentsSchema, (contents) => plan(contents, options));
  },
};

/** The archive's own layout: `facial_expressions-<commit>/data/legend.csv`, `.../images/<image>`. */
async function readSource(source: string): Promise<{ legend: Legend; images: ReadonlySet<string> }> {
  let legend: Legend | undefined;
  const images = new Set<string>();
  for await (const entry of openNested(source)) {
    const image = imageOf(entry.name);
    if (image !== undefined) images.add(image);
    else if (/(?:^|\/)data\/legend\.csv$/.test(entry.name)) {
      legend = readLegend(await entry.bytes(), `${source}: ${entry.name}`);
    }
  }
  if (legend && legend.labelled.length > 0) return { legend, images };
  throw new FerBenchError("missing", "data/legend.csv, which has the labels, is not in it", {
    file: source,
    remedy: MUXSPACE.howToImport,
  });
}

function imageOf(path: string): string | undefined {
  return /(?:^|\/)images\/([^/]+)$/.exec(path)?.[1];
}

function describeDropped({ reason, count, examples = [] }: Dropped): string {
  const some = examples.slice(0, 5).join("; ");
  return `${count} left out: ${reason}: ${some}${examples.length > 5 ? " ..." : ""}`;
}

function isKept(label: string, { contempt }: MuxspaceOptions): boolean {
  return contempt === "keep" || label !== "contempt";
}

function plan({ labelled }: Contents, options: MuxspaceOptions): Omit<RawSample, "image">[] {
  const kept = labelled
    .filter(({ label }) => isKept(label, options))
    .map(({ image, label }) => ({ image, label, subject: subjectOf(image) }));
  const splits = splitBySubject(kept, options.split);
  return kept.map(({ image, label, subject }, i) => ({
    id: `muxspace-${image.replace(/\.[a-z]+$/i, "")}`,
    split: splits[i]!,
    label,
    subject,
    path: `images/${image}`,
  }));
}
