import { basename, resolve } from "node:path";
import {
  type DatasetPackage,
  expressionOf,
  type Importable,
  openNested,
  packedSamples,
  placePack,
  type RawSample,
} from "@fer-bench/datasets";
import { assignSplits } from "./assign-splits.ts";
import { type Contents, contentsSchema } from "./contents.ts";
import { type FoldersOptions, foldersOptions } from "./options.ts";
import { readLayout } from "./read-layout.ts";

/** Any data set of pictures in class folders, or listed in a table. */
export const folders: DatasetPackage<FoldersOptions> = {
  name: "folders",
  options: foldersOptions,
  async importRaw({ source, rawDir, options, progress }) {
    const { root, pictures } = await readLayout(source, options);
    const wanted = new Set(pictures.map(({ path }) => path));
    const dataset = { name: basename(resolve(rawDir)), ...importable(rawDir) };
    return placePack({ rawDir, dataset, source, total: wanted.size, progress }, async (add) => {
      for await (const entry of openNested(root)) {
        if (wanted.delete(entry.name)) await add(entry.name, await entry.bytes());
      }
      const where = options.layout === "folders" ? "in class folders" : "listed in a table";
      return { form: `${pictures.length.toLocaleString("en")} pictures ${where}`, contents: { pictures } };
    });
  },
  async *samples({ rawDir, options }) {
    const dataset = importable(rawDir);
    yield* packedSamples(rawDir, dataset, contentsSchema, (contents) => plan(contents, options));
  },
};

/** A data set of this package is called as its raw folder is. */
function importable(rawDir: string): Importable {
  const name = basename(resolve(rawDir));
  return {
    title: name,
    howToImport: `Run: fer-bench datasets import ${name} <the folder, archive or table>`,
  };
}

/** The class that a word means: by the options, else as an expression, else the word itself. */
export function classOf(word: string, { classes }: Pick<FoldersOptions, "classes">): string {
  return (
    (Object.hasOwn(classes, word) ? classes[word] : undefined) ?? expressionOf(word) ?? word.toLowerCase()
  );
}

function plan({ pictures }: Contents, options: FoldersOptions): Omit<RawSample, "image">[] {
  const labelled = pictures.map((picture) => ({ ...picture, label: classOf(picture.word, options) }));
  const splits = assignSplits(labelled, options.holdOut);
  return labelled.map(({ path, label, subject, box }, i) => ({
    id: path,
    split: splits[i]!,
    label,
    path,
    ...(subject !== undefined && { subject }),
    ...(box && { box }),
  }));
}
