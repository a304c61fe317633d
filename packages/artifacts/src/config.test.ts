import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { nearest, parseConfig, readJson, stableStringify } from "./config.ts";
import { temporaryFolder } from "./temporary-folder.test.helper.ts";

const Schema = z.strictObject({
  title: z.string(),
  train: z
    .strictObject({
      epochs: z.int().positive().default(50),
      optimizer: z.strictObject({ momentum: z.number(), learningRate: z.number() }).optional(),
    })
    .prefault({}),
  published: z.array(z.strictObject({ method: z.string(), accuracy: z.number() })).default([]),
  targets: z.record(z.string(), z.strictObject({ seed: z.int() })).default({}),
  schedule: z
    .discriminatedUnion("kind", [
      z.strictObject({ kind: z.literal("step").default("step"), factor: z.number().default(0.9) }),
      z.strictObject({ kind: z.literal("cosine"), final: z.number().default(0) }),
    ])
    .optional(),
});
const FILE = "benchmarks/demo/benchmark.json";
const parse = (value: unknown) => parseConfig(Schema, value, FILE);

describe("parseConfig", () => {
  it("gives the value with its defaults", () => {
    expect(parse({ title: "demo" })).toEqual({
      title: "demo",
      train: { epochs: 50 },
      published: [],
      targets: {},
    });
  });

  it.each([
    ["a misspelt key", { title: "", trian: {} }, "trian", 'did you mean "train"?'],
    ["one in a nested object", { title: "", train: { epoch: 3 } }, "train.epoch", 'did you mean "epochs"?'],
    [
      "one that leaves a required key missing",
      { title: "", train: { optimizer: { momentum: 0.9, learningrate: 0.1 } } },
      "train.optimizer.learningrate",
      'did you mean "learningRate"?',
    ],
    [
      "one in a list",
      {
        title: "",
        published: [
          { method: "a", accuracy: 1 },
          { method: "b", accuraccy: 1 },
        ],
      },
      "published.1.accuraccy",
      'did you mean "accuracy"?',
    ],
    [
      "one in a record",
      { title: "", targets: { ck: { sede: 1 } } },
      "targets.ck.sede",
      'did you mean "seed"?',
    ],
    [
      "one in an alternative",
      { title: "", schedule: { kind: "cosine", fianl: 1 } },
      "schedule.fianl",
      'did you mean "final"?',
    ],
    [
      "one in the alternative that is the default",
      { title: "", schedule: { fcator: 1 } },
      "schedule.fcator",
      'did you mean "factor"?',
    ],
    [
      "one of another alternative",
      { title: "", schedule: { kind: "step", finale: 1 } },
      "schedule.finale",
      "remove it; known keys: kind, factor",
    ],
    [
      "one like none known",
      { title: "", train: { colour: 1 } },
      "train.colour",
      "remove it; known keys: epochs, optimizer",
    ],
  ])("names %s and what was probably meant", (_, value, field, remedy) => {
    const key = field.split(".").at(-1);
    expect(() => parse(value)).toThrow(
      expect.objectContaining({
        code: "bad-config",
        message: `unknown key "${key}"`,
        file: FILE,
        field,
        remedy,
      }),
    );
  });

  it("names the field whose value is wrong, by its path", () => {
    const value = { title: "", published: [{ method: "a", accuracy: "71.02%" }] };
    expect(() => parse(value)).toThrow(
      expect.objectContaining({ code: "bad-config", file: FILE, field: "published.0.accuracy" }),
    );
    expect(() => parse(value)).toThrow("expected number");
  });

  it("says how many more problems there are", () => {
    expect(() => parse({ title: 1, train: { epochs: 0 } })).toThrow("(and 1 more)");
  });

  it("has no field to name where the whole is wrong", () => {
    expect(() => parse([])).toThrow(
      expect.objectContaining({ code: "bad-config", file: FILE, field: undefined }),
    );
  });
});

describe("readJson", () => {
  it("gives what the file says", async () => {
    const file = join(await temporaryFolder(), "a.json");
    await writeFile(file, '{"a": [1, null]}');
    expect(await readJson(file)).toEqual({ a: [1, null] });
  });

  it.each([
    ['{\n  "a": 1,\n}', "line 3, column 1"],
    ['{"a": 1', "line 1, column 8"],
    ["", "line 1, column 1"],
  ])("says where %j is no JSON", async (text, field) => {
    const file = join(await temporaryFolder(), "a.json");
    await writeFile(file, text);
    await expect(readJson(file)).rejects.toMatchObject({ code: "bad-config", file, field });
  });

  it("names a file that is not there", async () => {
    const file = join(await temporaryFolder(), "a.json");
    await expect(readJson(file)).rejects.toMatchObject({ code: "missing", file });
  });
});

describe("stableStringify", () => {
  it("sorts keys at every depth and leaves lists in order", () => {
    expect(stableStringify({ b: [{ d: 1, c: 2 }, 0], a: null })).toBe('{"a":null,"b":[{"c":2,"d":1},0]}');
  });

  it("gives equal values equal text, and loses nothing", () => {
    const reversed = (value: unknown): unknown =>
      Array.isArray(value)
        ? value.map(reversed)
        : typeof value === "object" && value !== null
          ? Object.fromEntries(
              Object.entries(value)
                .reverse()
                .map(([key, inner]) => [key, reversed(inner)]),
            )
          : value;
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(stableStringify(reversed(value))).toBe(stableStringify(value));
        expect(JSON.parse(stableStringify(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
      { seed: 6 },
    );
  });
});

it.each([
  ["hapy", "happy"],
  ["EPOCHS", "epochs"],
  ["epcohs", "epochs"],
  ["x", undefined],
  ["neutral-ish", undefined],
])("the candidate nearest to %s is %s", (word, expected) => {
  expect(nearest(word, ["angry", "happy", "epochs", "neutral"])).toBe(expected);
});
