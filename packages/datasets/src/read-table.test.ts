import { expect, test } from "vitest";
import { expressionOf } from "./expression-names.ts";
import { readTable } from "./read-table.ts";

test("a table is read by its header, quotes and all", () => {
  const { columns, rows } = readTable(Buffer.from('\uFEFFimage,label\n"a,b.png", Happy\n\n'), "t.csv", [
    "image",
  ]);
  expect(columns).toEqual(["image", "label"]);
  expect(rows).toEqual([{ image: "a,b.png", label: "Happy" }]);
});

test("a row that is not whole, or a column that is not there, is named", () => {
  expect(() => readTable(Buffer.from("a,b\n1,2\n3\n"), "t.csv")).toThrow(/line 3/);
  expect(() => readTable(Buffer.from("a,b\n1,2\n"), "t.csv", ["c"])).toThrow("it has no column c");
});

test("expressions are known in every usual spelling", () => {
  expect(
    ["Happiness", " SADNESS ", "anger", "disgusted", "Neutral", "contempt", "bored"].map(expressionOf),
  ).toEqual(["happy", "sad", "angry", "disgust", "neutral", "contempt", undefined]);
});
