import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { silent } from "@fer-bench/artifacts";
import { dataset as synthetic, syntheticOptions } from "@fer-bench/dataset-synthetic";
import { type ImportRecord, packedSamples, placePack, SPLITS } from "@fer-bench/datasets";
import fc from "fast-check";
import sharp from "sharp";
import { z } from "zod";
import { readImagesTar, writeImagesTar } from "../../../packages/dataset-fer2013/src/images-tar.ts";
import { decodeTable, emptyTable, encodeTable } from "../../../packages/dataset-fer2013/src/table.ts";
import { integerBytes } from "../damage.ts";
import { oddJsonBytes } from "../odd-json.ts";
import type { Parser } from "../parser.ts";
import { drain, fromFolder } from "./examples.ts";

const TINY = { name: "tiny", title: "Tiny", howToImport: "import it again" };
const contents = z.strictObject({ labels: z.array(z.string()) });
const plan = ({ labels }: z.infer<typeof contents>) =>
  labels.map((label, i) => ({ path: `${i}.png`, label, id: `${i}`, split: SPLITS[0] }));
const OPTIONS = syntheticOptions.parse({ size: 48, identities: { train: 1, validation: 1, test: 1 } });

async function placeTiny(folder: string): Promise<void> {
  await placePack({ rawDir: folder, dataset: TINY, source: "here", progress: silent }, async (add) => {
    for (const i of [0, 1, 2]) await add(`${i}.png`, await picture(i));
    return { form: "three pictures", contents: { labels: ["x", "y", "z"] } };
  });
}

async function picture(value: number): Promise<Buffer> {
  const raw = { width: 2, height: 1, channels: 1 } as const;
  return sharp(Uint8Array.of(value, 0), { raw }).toColourspace("b-w").png().toBuffer();
}

/** What lies in data/raw after an import, and what comes with a package. */
export const imports: readonly Parser[] = [
  {
    name: "import.json",
    file: "import.json",
    beside: ["images.tar"],
    onDisk: true,
    prepare: placeTiny,
    examples: () =>
      fromFolder(async (folder) => {
        await placeTiny(folder);
        return ["import.json"];
      }),
    grammar: oddJsonBytes,
    read: ({ folder }) => drain(packedSamples(folder, TINY, contents, plan)),
  },
  {
    name: "images.tar of an import",
    file: "images.tar",
    // A picture that is damaged is called by its own name.
    beside: ["0.png", "1.png", "2.png"],
    onDisk: true,
    prepare: placeTiny,
    examples: () =>
      fromFolder(async (folder) => {
        await placeTiny(folder);
        return ["images.tar"];
      }),
    async read({ folder, bytes }) {
      const file = join(folder, "import.json");
      const record = JSON.parse(await readFile(file, "utf8")) as ImportRecord;
      // The damage is not to show in the size already.
      const data = { ...record.data, bytes: bytes.length };
      await writeFile(file, JSON.stringify({ ...record, data }));
      return drain(packedSamples(folder, TINY, contents, plan));
    },
  },
  {
    name: "FER-2013's images.tar",
    file: "images.tar",
    onDisk: true,
    examples: () =>
      fromFolder(async (folder) => {
        async function* images() {
          for (const i of [0, 1]) yield { name: `${i}.png`, file: await picture(i) };
        }
        const records = (["angry", "happy"] as const).map((label, i) => ({
          id: `${i}`,
          split: SPLITS[0],
          label,
        }));
        await writeImagesTar(join(folder, "images.tar"), { channels: 1, records }, images());
        return ["images.tar"];
      }),
    read: ({ folder }) => drain(readImagesTar(folder, "images.tar")),
  },
  {
    name: "FER-2013's table of rows",
    file: "fingerprints.bin",
    examples: async () => [encodeTable(emptyTable(3))],
    grammar: ([example]) =>
      fc.bigInt(0n, (1n << 32n) - 1n).map((count) => {
        const bytes = Buffer.from(example!);
        integerBytes(count, 4, true).copy(bytes, bytes.indexOf("\n") + 1);
        return bytes;
      }),
    read: ({ bytes, path }) => decodeTable(bytes, path),
  },
  {
    name: "rendered set: samples.parquet",
    file: "samples.parquet",
    beside: ["images.tar"],
    onDisk: true,
    prepare: (folder) => synthetic.generate!({ outDir: folder, options: OPTIONS, progress: silent }),
    examples: () =>
      fromFolder(async (folder) => {
        await synthetic.generate!({ outDir: folder, options: OPTIONS, progress: silent });
        return ["samples.parquet"];
      }),
    read: ({ folder }) => drain(synthetic.samples({ rawDir: folder, options: OPTIONS, progress: silent })),
  },
];
