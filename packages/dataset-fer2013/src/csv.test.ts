import { FerBenchError } from "@fer-bench/artifacts";
import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type CsvRow, openCsv, readHeader, readPixels } from "./csv.ts";
import { MAX_LINE } from "./csv-lines.ts";
import { PIXELS, USAGES } from "./facts.ts";
import { csvText, smallRows } from "./small-set.test.helper.ts";

async function* inChunks(text: string | Buffer, cuts: readonly number[] = []): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text as string);
  const at = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  for (const [i, end] of at.slice(1).entries()) if (end > at[i]!) yield bytes.subarray(at[i], end);
}

async function read(text: string | Buffer, cuts?: readonly number[]): Promise<CsvRow[]> {
  const rows: CsvRow[] = [];
  for await (const row of (await openCsv(inChunks(text, cuts), "x.zip", "fer2013.csv")).rows) rows.push(row);
  return rows;
}

async function refusal(text: string): Promise<FerBenchError> {
  const error = await read(text).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(FerBenchError);
  return error as FerBenchError;
}

describe("pixels", () => {
  test("whole numbers of 0 to 255, whatever the spaces between", () => {
    const values = fc.uint8Array({ minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(
        values,
        fc.integer({ min: 1, max: 3 }),
        fc.string({ maxLength: 9 }),
        (expected, gap, around) => {
          const text = Buffer.from(`${around}${expected.join(" ".repeat(gap))}${around}`);
          const out = new Uint8Array(expected.length);
          const start = Buffer.byteLength(around);
          readPixels(text, start, text.length - start, out);
          expect(out).toEqual(expected);
        },
      ),
    );
  });

  test("of another count, the count that was found", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(40), (found, wanted) => {
        fc.pre(found.length !== wanted);
        const text = Buffer.from(found.join(" "));
        expect(() => readPixels(text, 0, text.length, new Uint8Array(wanted))).toThrow(
          new RangeError(`has ${found.length} pixels instead of ${wanted} (48x48)`),
        );
      }),
    );
  });

  test("anything else is quoted, and its place told", () => {
    const other = fc
      .string({ minLength: 1, maxLength: 10, unit: "grapheme-ascii" })
      .filter((text) => !text.includes(" ") && !/^0*(\d{1,2}|1\d\d|2[0-4]\d|25[0-5])$/.test(text));
    fc.assert(
      fc.property(other, fc.nat(10), (token, place) => {
        const tokens = Array.from({ length: 11 }, (_, i) => (i === place ? token : "7"));
        const text = Buffer.from(tokens.join(" "));
        expect(() => readPixels(text, 0, text.length, new Uint8Array(11))).toThrow(
          `has "${token}" as its pixel ${place} instead of a whole number of 0 to 255`,
        );
      }),
    );
  });
});

describe("rows", () => {
  const rows = smallRows().slice(0, 5);

  test("as csv-parse reads them, in either order of columns, however the bytes come", async () => {
    for (const order of ["fer2013", "icml"] as const) {
      const text = csvText(rows, order);
      const reference = parse(text, { columns: (names: string[]) => names.map((name) => name.trim()) }) as {
        emotion: string;
        pixels: string;
        Usage: string;
      }[];
      const expected = reference.map(({ emotion, pixels, Usage }, row) => ({
        row,
        label: Number(emotion),
        usage: Usage,
        pixels: Uint8Array.from(pixels.split(" "), Number),
      }));
      await fc.assert(
        fc.asyncProperty(fc.array(fc.nat(), { maxLength: 12 }), async (cuts) => {
          expect(await read(text, cuts)).toEqual(expected);
        }),
        { numRuns: 30 },
      );
    }
  });

  test("with CRLF, a byte order mark, quotes, and no end of line at the end", async () => {
    const expected = await read(csvText(rows));
    const quoted = csvText(rows).replace(/^(\d),([\d ]+),(\w+)$/gm, '"$1","$2","$3"');
    for (const text of [
      csvText(rows).replaceAll("\n", "\r\n"),
      `\uFEFF${csvText(rows)}`,
      csvText(rows).trimEnd(),
      quoted,
    ]) {
      expect(await read(text)).toEqual(expected);
    }
  });

  test.each([
    ["a short row", (line: string) => line.replace(/,\d+ /, ","), /row 2 has 2303 pixels instead of 2304/],
    ["a value too large", (line: string) => line.replace(/,\d+ /, ",256 "), /row 2 has "256" as its pixel 0/],
    [
      "another emotion",
      (line: string) => line.replace(/^\d/, "7"),
      /row 2 has emotion "7" instead of 0 to 6/,
    ],
    [
      "another usage",
      (line: string) => line.replace("Training", "Test"),
      /row 2 has Usage "Test" instead of/,
    ],
    ["a field less", (line: string) => line.replace(/,\w+$/, ""), /row 2 has 2 fields instead of 3/],
  ])("%s is an error that names file, row and line", async (_, change, message) => {
    const lines = csvText(rows).split("\n");
    lines[3] = change(lines[3]!);
    const error = await refusal(lines.join("\n"));
    expect(error.message).toMatch(message);
    expect(error).toMatchObject({ code: "bad-data", file: "x.zip", field: "fer2013.csv, row 2 (line 4)" });
    expect(error.remedy).toMatch(/md5/);
  });

  test("a line without end is refused before it fills the memory", async () => {
    expect((await refusal(`emotion,pixels,Usage\n${"1 ".repeat(MAX_LINE)}`)).message).toMatch(/65536 bytes/);
  });
});

test("the three columns are found in any order; without one of them there is no layout", () => {
  expect(readHeader("emotion,pixels,Usage")).toEqual({ columns: 3, emotion: 0, pixels: 1, usage: 2 });
  expect(readHeader("emotion, Usage, pixels")).toEqual({ columns: 3, emotion: 0, pixels: 2, usage: 1 });
  expect(readHeader("emotion,pixels")).toBeUndefined();
  expect(readHeader("")).toBeUndefined();
  expect(USAGES).toHaveLength(3);
  expect(PIXELS).toBe(2304);
});
