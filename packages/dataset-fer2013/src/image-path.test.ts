import { describe, expect, test } from "vitest";
import { readImagePath } from "./image-path.ts";

const read = (path: string) => readImagePath(path, "copy.zip");

describe("class and usage from a name", () => {
  test.each([
    ["train/angry/im12.png", { label: 0, hint: "Training" }],
    ["archive/test/disgusted/im3.png", { label: 1, hint: "test" }],
    ["train/fearful/Training_5.jpg", { label: 2, hint: "Training" }],
    ["test/Happy/PublicTest_5.jpg", { label: 3, hint: "PublicTest" }],
    ["test/SADNESS/PrivateTest_5.jpg", { label: 4, hint: "PrivateTest" }],
    ["PrivateTest/surprised/5.jpg", { label: 5, hint: "PrivateTest" }],
    ["images/validation/6/5.jpg", { label: 6, hint: "PublicTest" }],
    ["3_happy/5.jpg", { label: 3, hint: undefined }],
  ])("%s", (path, expected) => {
    expect(read(path)).toEqual(expected);
  });
});

test("an unknown class, or none, is an error that names the entry and the classes", () => {
  expect(() => read("train/contempt/im1.png")).toThrow(/unknown class folder "contempt"/);
  expect(() => read("im1.png")).toThrow(/outside any class folder/);
  try {
    read("train/contempt/im1.png");
  } catch (error) {
    expect(error).toMatchObject({ file: "copy.zip", field: "train/contempt/im1.png" });
    expect((error as { remedy: string }).remedy).toMatch(/angry, disgust, fear/);
  }
});
