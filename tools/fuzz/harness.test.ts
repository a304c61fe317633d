import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FerBenchError } from "@fer-bench/artifacts";
import { afterAll, describe, expect, it } from "vitest";
import { inputOf, inputsOf } from "./inputs.ts";
import type { Parser } from "./parser.ts";
import { PARSERS } from "./parsers.ts";
import { tryInput } from "./try-input.ts";

const folder = mkdtempSync(join(tmpdir(), "fer-bench-fuzz-harness-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const parser = (read: Parser["read"]): Parser => ({
  name: "mine",
  file: "mine.txt",
  examples: async () => [Buffer.from("12 apples")],
  read,
});
const outcomeOf = (read: Parser["read"]) => tryInput(parser(read), Buffer.from("x"), folder);

describe("an input comes out wrong", () => {
  it("where the error has no type, names no file, or says not what to do", async () => {
    const errors = [
      new TypeError("undefined is not a function"),
      new FerBenchError("bad-data", "no", { remedy: "do" }),
      new FerBenchError("bad-data", "no", { file: "other.txt", remedy: "do" }),
      new FerBenchError("bad-data", "no", { file: "a/mine.txt" }),
      new FerBenchError("internal", "no", { file: "a/mine.txt", remedy: "do" }),
    ];
    for (const error of errors) {
      expect(await outcomeOf(() => Promise.reject(error)), error.message).toMatchObject({ kind: "wrong" });
    }
  });

  it("and not where it is read, or refused by the file's name", async () => {
    expect(await outcomeOf(() => 1)).toEqual({ kind: "read" });
    const refusal = new FerBenchError("bad-data", "no", { file: "a/mine.txt: entry", remedy: "do" });
    expect(await outcomeOf(() => Promise.reject(refusal))).toEqual({ kind: "refused", code: "bad-data" });
  });
});

it("the same seed gives the same input, another seed another", async () => {
  const inputs = await inputsOf(parser(() => 1));
  const all = Array.from({ length: 50 }, (_, seed) => `${inputOf(inputs, seed)}`);
  expect(Array.from({ length: 50 }, (_, seed) => `${inputOf(inputs, seed)}`)).toEqual(all);
  expect(new Set(all).size).toBeGreaterThan(25);
});

it("every parser reads its examples as they are, so that damage starts from what is whole", async () => {
  // These have examples of formats that are to be refused, and a file whose checksum cannot be right.
  const others = ["weights of any format", "bz2 (dlib's landmarks)", "FER+: fer2013new.csv"];
  for (const parser of PARSERS.filter(({ name }) => !others.includes(name))) {
    const own = mkdtempSync(join(folder, "parser-"));
    await parser.prepare?.(own);
    for (const example of await parser.examples()) {
      expect(await tryInput(parser, example, own), parser.name).toEqual({ kind: "read" });
    }
  }
});
