import { expect, test } from "vitest";
import { smallTable } from "./small-set.test.helper.ts";
import { countRows, decodeTable, encodeTable, fer2013Table } from "./table.ts";

test("a table comes back as it was written", () => {
  const table = smallTable();
  expect(decodeTable(encodeTable(table), "t.bin")).toEqual(table);
});

test("what is no table, or half of one, is refused", () => {
  const bytes = encodeTable(smallTable());
  for (const broken of [
    Buffer.alloc(0),
    bytes.subarray(0, 100),
    bytes.subarray(1),
    Buffer.from("no table"),
  ]) {
    expect(() => decodeTable(broken, "t.bin")).toThrow(/no table of FER-2013's rows/);
  }
});

test("a table that claims more rows than it holds is refused before there is memory for them", () => {
  const bytes = encodeTable(smallTable());
  bytes.writeUInt32LE(2 ** 32 - 1, bytes.indexOf("\n") + 1);
  expect(() => decodeTable(bytes, "t.bin")).toThrow(/no table of FER-2013's rows/);
});

test("the package's table has the published counts, and the images that occur more than once", async () => {
  const table = await fer2013Table();
  // Goodfellow et al. 2013 give 28709, 3589 and 3589 images; classes in the order of the emotion column.
  expect(countRows(table)).toEqual([
    [3995, 436, 4097, 7215, 4830, 3171, 4965],
    [467, 56, 496, 895, 653, 415, 607],
    [491, 55, 528, 879, 594, 416, 626],
  ]);
  const { checksum } = table.prints;
  const labels = new Map<string, Set<number>>();
  for (let row = 0; row < table.count; row++) {
    const key = `${checksum[2 * row]},${checksum[2 * row + 1]}`;
    labels.set(key, (labels.get(key) ?? new Set()).add(table.label[row]!));
  }
  expect(labels.size).toBe(34_034);
  expect([...labels.values()].filter((of) => of.size > 1)).toHaveLength(57);
});
