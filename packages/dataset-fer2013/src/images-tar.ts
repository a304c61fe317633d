import { join } from "node:path";
import { FerBenchError } from "@fer-bench/artifacts";
import {
  createTarWriter,
  decodeImage,
  mapAhead,
  openSource,
  type PixelImage,
  type RawSample,
  SPLITS,
} from "@fer-bench/datasets";
import { z } from "zod";
import { CLASSES } from "./facts.ts";
import { toGrey } from "./grey.ts";
import { AHEAD } from "./read-images.ts";

/** The first entry of an images tar: what each of the following images is, in record order. */
const index = z.strictObject({
  channels: z.union([z.literal(1), z.literal(3)]),
  records: z.array(z.strictObject({ id: z.string(), split: z.enum(SPLITS), label: z.enum(CLASSES) })),
});
export type ImageIndex = z.infer<typeof index>;

const INDEX = "index.json";

/** Writes the index, then the images in its order. */
export async function writeImagesTar(
  path: string,
  contents: ImageIndex,
  images: AsyncIterable<{ name: string; file: Buffer }>,
): Promise<void> {
  const tar = createTarWriter(path);
  try {
    await tar.add(INDEX, Buffer.from(JSON.stringify(contents)));
    for await (const { name, file } of images) await tar.add(name, file);
    await tar.close();
  } catch (cause) {
    tar.abort();
    throw cause;
  }
}

/** The samples of a tar that writeImagesTar wrote. */
export async function* readImagesTar(rawDir: string, file: string): AsyncGenerator<RawSample> {
  const path = join(rawDir, file);
  let contents: ImageIndex | undefined;
  async function* encoded() {
    let next = 0;
    for await (const entry of openSource(path)) {
      const bytes = await entry.bytes();
      if (contents === undefined) contents = readIndex(bytes, path);
      else yield { record: contents.records[next++], path: entry.name, bytes };
    }
    if (next !== contents?.records.length) throw broken(path);
  }
  yield* mapAhead(encoded(), AHEAD, async ({ record, path: name, bytes }) => {
    if (record === undefined || contents === undefined) throw broken(path);
    const image = await decodeImage(bytes, `${path}: ${name}`);
    return { ...record, path: name, image: inChannels(image, contents.channels) };
  });
}

function readIndex(bytes: Buffer, path: string): ImageIndex {
  try {
    return index.parse(JSON.parse(bytes.toString("utf8")));
  } catch (cause) {
    throw broken(path, cause);
  }
}

function broken(path: string, cause?: unknown): FerBenchError {
  return new FerBenchError("bad-data", "the imported images and their index do not fit together", {
    file: path,
    remedy: "Import the data set again.",
    cause,
  });
}

/** All images of a set have the same channels: grey, or repeated where others have colour. */
function inChannels(image: PixelImage, channels: 1 | 3): PixelImage {
  if (image.channels === channels) return image;
  if (channels === 1) return { ...toGrey(image).grey, channels };
  const data = new Uint8Array(3 * image.data.length);
  for (let i = 0; i < data.length; i++) data[i] = image.data[Math.floor(i / 3)]!;
  return { width: image.width, height: image.height, channels, data };
}
