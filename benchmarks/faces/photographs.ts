import { decodeImage, openSource, type PixelImage } from "@fer-bench/datasets";

export interface Photograph {
  readonly name: string;
  readonly image: PixelImage;
}

/** The pictures in a folder or an archive, decoded; `every` 10 is every tenth, from the one with number `first` on. */
export async function* photographs(path: string, every = 1, first = 0): AsyncGenerator<Photograph> {
  let number = 0;
  for await (const entry of openSource(path)) {
    if (!/\.(jpe?g|png|webp)$/i.test(entry.name)) continue;
    if (number++ % every !== first) continue;
    yield { name: entry.name, image: await decodeImage(await entry.bytes(), entry.name) };
  }
}
