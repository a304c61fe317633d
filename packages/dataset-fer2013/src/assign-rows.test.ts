import { describe, expect, test } from "vitest";
import { assignRows } from "./assign-rows.ts";
import { equalised, face, mirrored } from "./copies.test.helper.ts";
import { USAGES } from "./facts.ts";
import { emptyFingerprints, enterFingerprint } from "./fingerprints.ts";
import type { UsageHint } from "./image-path.ts";
import { picture, smallRows, smallTable } from "./small-set.test.helper.ts";
import type { SourceImage } from "./source-image.ts";

const rows = smallRows();
const table = smallTable();

/** Images whose checksum is that of a row, or of none. */
function assign(
  images: readonly { pixels: Uint8Array; label: number; hint: UsageHint; row?: number; bound?: number }[],
) {
  const prints = emptyFingerprints(images.length);
  const found = images.map(({ pixels, label, hint, row, bound }, i): SourceImage => {
    enterFingerprint(prints, i, pixels, "f".repeat(64));
    if (row !== undefined) prints.checksum.set(table.prints.checksum.subarray(2 * row, 2 * row + 2), 2 * i);
    const size = { width: 48, height: 48, coloured: false, standardTables: true, unevenness: 1 };
    return { name: `${i}`, label, hint, bound, ...size };
  });
  return assignRows(found, prints, table);
}

const exact = (row: number, hint: UsageHint = rows[row]!.usage, label = rows[row]!.label) => ({
  pixels: rows[row]!.pixels,
  label,
  hint,
  row,
});

describe("equal images", () => {
  test("go to equal rows in order, by what names say of their split", () => {
    // Rows 0 and 7 are equal, both Training; 14 is Training and 42 PublicTest; 44 PublicTest and 58 PrivateTest.
    expect([...assign([0, 7, 14, 42, 44, 58].map((row) => exact(row))).row]).toEqual([0, 7, 14, 42, 44, 58]);
    expect([...assign([exact(42, "PublicTest"), exact(14, "Training")]).row]).toEqual([42, 14]);
    expect([...assign([exact(44, "test"), exact(58, "test")]).row]).toEqual([44, 58]);
    expect([...assign([{ ...exact(14), hint: undefined }, exact(42, "Training")]).row]).toEqual([42, 14]);
  });

  test("of two classes are told apart by their folder", () => {
    expect(rows[3]!.pixels).toEqual(rows[11]!.pixels);
    expect([...assign([exact(11), exact(3)]).row]).toEqual([11, 3]);
  });

  test("once too often are surplus; in a folder where they never are, relabelled", () => {
    const found = assign([exact(0), exact(0), exact(0), exact(5, "Training", (rows[5]!.label + 1) % 7)]);
    expect([...found.row]).toEqual([0, 7, -1, -1]);
    expect([...found.surplus]).toEqual([2]);
    expect([...found.relabelled]).toEqual([3]);
  });
});

test("each row goes to one image: the nearest takes it", () => {
  const near = rows[1]!.pixels.map((value) => Math.min(255, value + 1));
  const jpeg = { label: rows[1]!.label, hint: "Training" as const, bound: 4 };
  const found = assign([
    { ...jpeg, pixels: near },
    { ...jpeg, pixels: rows[1]!.pixels },
  ]);
  expect([...found.row]).toEqual([-1, 1]);
  expect(found.by[1]).toBe("pixels");
});

test("looks are believed of a copy, not of a few pictures in a strange set", () => {
  const alike = rows.map(({ pixels, label, usage }) => ({
    ...{ pixels: equalised(face(pixels)).data, label, hint: usage },
  }));
  expect(assign(alike).by.filter((by) => by === "hash").length).toBeGreaterThan(60);
  const strange = Array.from({ length: 60 }, (_, n) => ({
    ...{ pixels: picture("strange", n).data, label: n % 7, hint: USAGES[n % 3]! },
  }));
  expect(assign([...strange, alike[4]!]).by.every((by) => by === undefined)).toBe(true);
});

test("mirrored faces are nobody", () => {
  const found = assign(
    rows.map(({ pixels, label, usage }) => ({ pixels: mirrored(face(pixels)).data, label, hint: usage })),
  );
  expect(found.by.filter((by) => by === "hash").length).toBeLessThanOrEqual(1); // the black one
});
