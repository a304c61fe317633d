import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createRandom, uniform } from "@fer-bench/artifacts";
import { tableOfRows } from "./build-table.ts";
import { face, png } from "./copies.test.helper.ts";
import type { CsvRow } from "./csv.ts";
import { CLASSES, PIXELS, SIDE, USAGES } from "./facts.ts";
import type { Grey } from "./grey.ts";
import type { RowTable } from "./table.ts";

type Row = Omit<CsvRow, "row">;

/** A picture with light, shade, many edges and a little grain: as fine as FER-2013's. JPEG 85 leaves its detail. */
export function picture(...seed: readonly (string | number)[]): Grey {
  const random = createRandom("picture", ...seed);
  const spots = Array.from({ length: 30 }, (_, n) => ({
    x: uniform(random, 0, SIDE),
    y: uniform(random, 0, SIDE),
    reach: uniform(random, 1, n < 22 ? 6 : 18),
    height: uniform(random, -180, 180),
    edged: n < 22,
  }));
  const base = uniform(random, 70, 190);
  const data = new Uint8Array(PIXELS);
  for (let i = 0; i < PIXELS; i++) {
    let value = base + uniform(random, -1, 1);
    for (const { x, y, reach, height, edged } of spots) {
      const far = Math.hypot((i % SIDE) - x, Math.floor(i / SIDE) - y);
      value += edged
        ? height * Math.min(1, Math.max(0, reach - far))
        : height * Math.exp(-((far / reach) ** 2));
    }
    data[i] = Math.round(128 + 127 * Math.tanh((value - 128) / 140)); // dark and light without large flat parts
  }
  return face(data);
}

/**
 * A small set in the order of the real one: 6, 2 and 2 rows of each class, among them what makes the real one hard:
 * the same image twice in one class and split, in two splits, under two labels; and a black one.
 */
export function smallRows(): Row[] {
  const counts = { Training: 6, PublicTest: 2, PrivateTest: 2 };
  const rows: Row[] = USAGES.flatMap((usage) =>
    Array.from({ length: counts[usage] * CLASSES.length }, (_, n) => ({
      label: (3 * n) % CLASSES.length,
      usage,
      pixels: picture(usage, n).data,
    })),
  );
  const copy = (from: number, to: number) => {
    rows[to] = { ...rows[to]!, pixels: rows[from]!.pixels };
  };
  copy(0, 7); // same class, same split
  copy(14, 42); // same class, Training and PublicTest
  copy(44, 58); // same class, PublicTest and PrivateTest
  copy(3, 11); // two classes
  rows[20] = { ...rows[20]!, pixels: new Uint8Array(PIXELS) };
  return rows;
}

export function smallTable(): RowTable {
  return tableOfRows(smallRows());
}

export function csvText(rows: readonly Row[], order: "fer2013" | "icml" = "fer2013"): string {
  const lines = rows.map(({ label, usage, pixels }) =>
    (order === "fer2013" ? [label, pixels.join(" "), usage] : [label, usage, pixels.join(" ")]).join(","),
  );
  return `${[order === "fer2013" ? "emotion,pixels,Usage" : "emotion, Usage, pixels", ...lines].join("\n")}\n`;
}

export type Encode = (image: Grey) => Promise<{ bytes: Buffer; ending: string }>;
export const asPng: Encode = async (image) => ({ bytes: await png(image), ending: "png" });

/** `train|test/<class>/im<N>`, as the PNG folders have it. */
export function numberedNames(rows: readonly Row[]): string[] {
  const folders = ["angry", "disgusted", "fearful", "happy", "sad", "surprised", "neutral"];
  const next = new Map<string, number>();
  return rows.map(({ label, usage }) => {
    const folder = `${usage === "Training" ? "train" : "test"}/${folders[label]}`;
    const number = next.get(folder) ?? 0;
    next.set(folder, number + 1);
    return `${folder}/im${number}`;
  });
}

/** `train|test/<class>/<Usage>_<number>`, as the JPEG folders have it; the numbers are in no order. */
export function usageNames(rows: readonly Row[]): string[] {
  return rows.map(({ label, usage }, row) => {
    const folder = `${usage === "Training" ? "train" : "test"}/${CLASSES[label]}`;
    return `${folder}/${usage}_${(row * 7_919 + 13) % 1_000_003}`;
  });
}

/** Writes each row's image under its name. */
export async function writeFolder(
  dir: string,
  rows: readonly Row[],
  names: readonly string[],
  encode: Encode,
): Promise<string> {
  for (const [row, { pixels }] of rows.entries()) {
    const { bytes, ending } = await encode(face(pixels));
    const path = join(dir, `${names[row]}.${ending}`);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, bytes);
  }
  return dir;
}
