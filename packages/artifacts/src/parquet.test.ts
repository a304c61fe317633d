import { readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parquetMetadata } from "hyparquet";
import { describe, expect, it } from "vitest";
import { type Column, type Row, readParquet, readParquetColumns, writeParquet } from "./parquet.ts";
import { temporaryFolder } from "./temporary-folder.test.helper.ts";

const COLUMNS: readonly Column[] = [
  { name: "id", type: "string" },
  { name: "index", type: "int32" },
  { name: "p", type: "float" },
  { name: "loss", type: "double" },
  { name: "found", type: "boolean" },
  { name: "landmarks", type: "floats" },
  { name: "votes", type: "ints" },
];
const NULLABLE: readonly Column[] = COLUMNS.map((column) => ({ ...column, nullable: true }));

const ROW = {
  id: "im0 – ä 表情",
  index: -(2 ** 31),
  p: Math.fround(0.1),
  loss: 0.1,
  found: true,
  landmarks: [0.5, -1.25],
  votes: [3, -4, 2 ** 31 - 1],
};
const OTHER = { id: "", index: 0, p: -0, loss: 1e300, found: false, landmarks: [], votes: [] };

describe.each([
  { kind: "required", columns: COLUMNS },
  { kind: "nullable", columns: NULLABLE },
])("$kind columns", ({ columns }) => {
  it("give back every type, with empty lists as empty lists", async () => {
    const path = join(await temporaryFolder(), "a.parquet");
    expect(await writeParquet(path, columns, [ROW, OTHER])).toBe(2);
    expect(await readParquet(path)).toEqual([ROW, OTHER]);
  });

  it("are known from the file", async () => {
    const path = join(await temporaryFolder(), "a.parquet");
    await writeParquet(path, columns, [ROW]);
    expect(await readParquetColumns(path)).toEqual(columns);
  });

  it("may have no rows", async () => {
    const path = join(await temporaryFolder(), "a.parquet");
    expect(await writeParquet(path, columns, [])).toBe(0);
    expect(await readParquet(path)).toEqual([]);
  });
});

it("leaves absent values of nullable columns out", async () => {
  const path = join(await temporaryFolder(), "a.parquet");
  await writeParquet(path, NULLABLE, [{}, ROW, { id: null, votes: undefined, index: 3 }, OTHER]);
  const rows = await readParquet(path);
  expect(rows).toEqual([{}, ROW, { index: 3 }, OTHER]);
  expect(Object.keys(rows[2]!)).toEqual(["index"]);
});

it("takes lists as typed arrays", async () => {
  const path = join(await temporaryFolder(), "a.parquet");
  const columns: Column[] = [
    { name: "landmarks", type: "floats" },
    { name: "votes", type: "ints" },
  ];
  await writeParquet(path, columns, [{ landmarks: Float32Array.of(1.5, 2), votes: Int32Array.of(7) }]);
  expect(await readParquet(path)).toEqual([{ landmarks: [1.5, 2], votes: [7] }]);
});

it("keeps 40,000 rows over several row groups in order, and reads single columns", async () => {
  const path = join(await temporaryFolder(), "a.parquet");
  const rowAt = (i: number): Row => ({
    ...(i % 3 === 0 ? {} : { id: `im${i}` }),
    index: i,
    p: Math.fround(Math.sin(i)),
    loss: Math.sqrt(i),
    found: i % 7 === 0,
    ...(i % 1000 === 1 ? {} : { landmarks: [i / 2, i / 4] }),
    votes: i % 5 === 0 ? [] : [i, -i],
  });
  async function* rows(): AsyncGenerator<Row> {
    for (let i = 0; i < 40_000; i++) yield rowAt(i);
  }
  expect(await writeParquet(path, NULLABLE, rows())).toBe(40_000);
  const bytes = await readFile(path);
  expect(parquetMetadata(Uint8Array.from(bytes).buffer).row_groups.length).toBeGreaterThan(2);

  const read = await readParquet(path);
  expect(read.length).toBe(40_000);
  for (let i = 0; i < 40_000; i += 37) expect(read[i]).toEqual(rowAt(i));
  expect(read.at(-1)).toEqual(rowAt(39_999));

  const indices = await readParquet<{ index: number }>(path, ["index"]);
  expect(indices.every((row, i) => row.index === i && Object.keys(row).length === 1)).toBe(true);
});

it("writes the same bytes for the same rows", async () => {
  const dir = await temporaryFolder();
  await writeParquet(join(dir, "a"), NULLABLE, [ROW, {}, OTHER]);
  await writeParquet(join(dir, "b"), NULLABLE, [ROW, {}, OTHER]);
  expect(await readFile(join(dir, "a"))).toEqual(await readFile(join(dir, "b")));
});

it("says which row lacks which required value", async () => {
  const path = join(await temporaryFolder(), "a.parquet");
  const { votes: _votes, ...lacking } = ROW;
  await expect(writeParquet(path, COLUMNS, [ROW, lacking])).rejects.toThrow("row 1 has no votes");
});

it.each([
  { name: "index", type: "int32", value: 2 ** 31 },
  { name: "index", type: "int32", value: 1.5 },
  { name: "index", type: "int32", value: "1" },
  { name: "id", type: "string", value: 1 },
  { name: "found", type: "boolean", value: 1 },
  { name: "loss", type: "double", value: "0" },
  { name: "votes", type: "ints", value: [0.5] },
  { name: "landmarks", type: "floats", value: 3 },
] as const)("refuses $value as $type", async ({ name, type, value }) => {
  const path = join(await temporaryFolder(), "a.parquet");
  await expect(writeParquet(path, [{ name, type }], [{ [name]: value }])).rejects.toThrow(/^parquet /);
});

describe("a file that cannot be read", () => {
  it("is named when it is cut off", async () => {
    const file = join(await temporaryFolder(), "a.parquet");
    await writeParquet(file, COLUMNS, [ROW, OTHER]);
    const whole = await readFile(file);
    for (const length of [whole.length - 1, whole.length - 9, whole.length >> 1, 4, 0]) {
      await writeFile(file, whole);
      await truncate(file, length);
      await expect(readParquet(file)).rejects.toMatchObject({ code: "bad-artifact", file });
    }
  });

  it("is named when it is not there, and when it has not the column asked for", async () => {
    const file = join(await temporaryFolder(), "a.parquet");
    await expect(readParquet(file)).rejects.toMatchObject({ code: "bad-artifact", file });
    await writeParquet(file, COLUMNS, [ROW]);
    await expect(readParquet(file, ["nothing"])).rejects.toMatchObject({ code: "bad-artifact", file });
  });
});
