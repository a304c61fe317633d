import { FerBenchError } from "@fer-bench/artifacts";
import { isLitter, openSource, type SourceEntry } from "@fer-bench/datasets";
import { readHeader } from "./csv.ts";

/** What a source turned out to hold. */
export type SourceForm =
  | { readonly kind: "csv"; readonly entry: string; readonly header: string }
  | { readonly kind: "images" };

const IMAGE = /\.(?:png|jpe?g|bmp|gif|tiff?|webp|avif)$/i;
const ARCHIVE = /\.(?:zip|tar|tgz|gz)$/i;

export function isImageName(name: string): boolean {
  return IMAGE.test(name) && !isLitter(name);
}

/** Looks for the first CSV with FER-2013's columns, or the first image. FerBenchError if there is neither. */
export async function findForm(source: string): Promise<SourceForm> {
  const headers: string[] = [];
  let archive: string | undefined;
  for await (const entry of openSource(source)) {
    if (isLitter(entry.name)) continue;
    if (IMAGE.test(entry.name)) return { kind: "images" };
    const header = await firstLine(entry);
    if (readHeader(header) !== undefined) return { kind: "csv", entry: entry.name, header };
    if (/emotion|pixels/i.test(header)) headers.push(`${entry.name} (${header.slice(0, 80)})`);
    else if (ARCHIVE.test(entry.name)) archive ??= entry.name;
  }
  throw new FerBenchError("bad-data", nothingFound(headers), {
    file: source,
    field: headers.length === 0 ? archive : undefined,
    remedy:
      headers.length === 0 && archive !== undefined
        ? `It holds ${archive}: unpack it, and pass that.`
        : "Pass fer2013.csv or icml_face_data.csv (plain or packed), or the folders train|test/<class>/<image>.",
  });
}

function nothingFound(headers: readonly string[]): string {
  if (headers.length === 0) return "neither a CSV of FER-2013 nor images are in it";
  return `no CSV with the columns emotion, pixels and Usage: ${headers.join(", ")}; without Usage the splits are lost`;
}

/** As far as the first chunk has it. */
async function firstLine(entry: SourceEntry): Promise<string> {
  for await (const chunk of await entry.open()) {
    const text = (chunk as Buffer)
      .subarray(0, 4096)
      .toString("utf8")
      .replace(/^\uFEFF/, "");
    return text.split(/\r?\n/, 1)[0]!;
  }
  return "";
}

/** The content of one entry of a source. */
export async function* entryContent(source: string, name: string): AsyncGenerator<Buffer> {
  for await (const entry of openSource(source)) {
    if (entry.name !== name) continue;
    yield* (await entry.open()) as AsyncIterable<Buffer>;
    return;
  }
  throw new FerBenchError("bad-data", "an entry has gone from the file", {
    file: source,
    field: name,
    remedy: "Leave the file alone while it is read, and import it again.",
  });
}
