import { stat } from "node:fs/promises";
import { basename, dirname, posix } from "node:path";
import { FerBenchError } from "@fer-bench/artifacts";
import { openNested, readTable, type SourceEntry } from "@fer-bench/datasets";
import type { Picture } from "./contents.ts";
import type { FoldersOptions } from "./options.ts";
import { splitOf } from "./split-words.ts";

const IMAGE = /\.(?:png|jpe?g|bmp|gif|tiff?|webp|avif)$/i;

/** The pictures of a source, and where their files are read from. */
export interface Layout {
  readonly root: string;
  readonly pictures: readonly Picture[];
}

/** FerBenchError where there are no pictures, or they do not lie as the layout says. */
export async function readLayout(source: string, options: FoldersOptions): Promise<Layout> {
  const layout = options.layout === "folders" ? await readFolders(source) : await readCsv(source, options);
  if (layout.pictures.length > 0) return layout;
  throw new FerBenchError("bad-data", "there is no picture in it", {
    file: source,
    remedy: remedyOf(options.layout),
  });
}

function remedyOf(layout: FoldersOptions["layout"]): string {
  return layout === "folders"
    ? "lay the pictures out as <class>/<picture>, or train|validation|test/<class>/<picture>"
    : "give a table with the columns image and label, and the pictures beside it";
}

async function readFolders(source: string): Promise<Layout> {
  const pictures: Picture[] = [];
  for await (const { name } of openNested(source)) {
    if (!IMAGE.test(name)) continue;
    const parts = name.split("/").slice(0, -1);
    const word = parts.pop();
    if (word === undefined || splitOf(word)) {
      throw new FerBenchError("bad-data", "a picture outside any class folder", {
        file: source,
        field: name,
        remedy: remedyOf("folders"),
      });
    }
    const split = parts.map(splitOf).findLast((one) => one !== undefined);
    pictures.push({ path: name, word, ...(split && { split }) });
  }
  return { root: source, pictures: pictures.sort((a, b) => (a.path < b.path ? -1 : 1)) };
}

/** The source is the table itself, or a folder or archive with one. */
async function readCsv(source: string, options: FoldersOptions): Promise<Layout> {
  const isTable = (await stat(source)).isFile() && /\.csv$/i.test(source);
  const root = isTable ? dirname(source) : source;
  let table: { name: string; bytes: Buffer } | undefined;
  const there = new Set<string>();
  for await (const entry of openNested(root)) {
    there.add(entry.name);
    if (!isTheTable(entry, isTable ? basename(source) : undefined)) continue;
    if (table) {
      throw new FerBenchError("bad-data", `it has more than one table: ${table.name}, ${entry.name}`, {
        file: source,
        remedy: "name the table itself instead of its folder",
      });
    }
    table = { name: entry.name, bytes: await entry.bytes() };
  }
  if (table === undefined) {
    throw new FerBenchError("bad-data", "there is no table (.csv) in it", {
      file: source,
      remedy: remedyOf("csv"),
    });
  }
  return { root, pictures: picturesOf(table, there, source, options) };
}

function isTheTable({ name }: SourceEntry, wanted: string | undefined): boolean {
  return wanted === undefined ? /\.csv$/i.test(name) : name === wanted;
}

function picturesOf(
  { name, bytes }: { name: string; bytes: Buffer },
  there: ReadonlySet<string>,
  source: string,
  { columns }: FoldersOptions,
): Picture[] {
  const file = `${source}: ${name}`;
  const { rows } = readTable(bytes, file, [columns.image, columns.label]);
  const seen = new Set<string>();
  return rows.map((row, i): Picture => {
    const refuse = (what: string, remedy: string): never => {
      throw new FerBenchError("bad-data", what, {
        file,
        field: `row ${i + 1}: ${row[columns.image]}`,
        remedy,
      });
    };
    const path = posix.join(posix.dirname(name), row[columns.image]!);
    if (!there.has(path))
      refuse("a picture that is listed is not there", "put it there, or take its row out");
    if (seen.has(path)) refuse("a picture is listed twice", "leave one row a picture");
    seen.add(path);
    const word = row[columns.label]!;
    if (word === "") refuse("a picture has no label", "give it one, or take its row out");
    const given = row[columns.split] ?? "";
    const split = splitOf(given);
    if (given !== "" && split === undefined)
      refuse(`"${given}" is no split`, "write train, validation or test");
    const subject = row[columns.subject] ?? "";
    const sides = [columns.left, columns.top, columns.width, columns.height].map((of) => row[of] ?? "");
    const box = sides.map(Number) as [number, number, number, number];
    const hasBox = sides.some((side) => side !== "");
    if (
      hasBox &&
      !(sides.every((side) => side !== "") && box.every(Number.isFinite) && box[2] > 0 && box[3] > 0)
    ) {
      refuse("its box is not left, top, width and height", "give all four in pixels, or none");
    }
    return {
      path,
      word,
      ...(split && { split }),
      ...(subject !== "" && { subject }),
      ...(hasBox && { box: { left: box[0], top: box[1], width: box[2], height: box[3] } }),
    };
  });
}
