import fc from "fast-check";
import { expect, test } from "vitest";
import {
  dealSubjects,
  holdOut,
  type SubjectSample,
  splitBySubject,
  subjectSplitSettings,
} from "./splitting.ts";

const labels = fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 60 });

test("a held-out share is the same of every class, and follows from the seed", () => {
  fc.assert(
    fc.property(labels, fc.double({ min: 0, max: 0.5, noNaN: true }), fc.nat(), (of, share, seed) => {
      const held = holdOut(of, share, seed);
      for (const label of new Set(of)) {
        const places = [...of.keys()].filter((place) => of[place] === label);
        expect(places.filter((place) => held.has(place))).toHaveLength(Math.round(share * places.length));
      }
      expect(holdOut(of, share, seed)).toEqual(held);
    }),
  );
  const many = Array.from({ length: 100 }, () => "a");
  expect(holdOut(many, 0.1, 1)).not.toEqual(holdOut(many, 0.1, 2));
});

const sample = fc.record({
  subject: fc.nat({ max: 40 }).map((n) => `S${String(n).padStart(3, "0")}`),
  label: fc.constantFrom("angry", "happy", "sad"),
});

test("every subject is in one fold, no fold is empty, and every sample is in one test fold of all", () => {
  fc.assert(
    fc.property(fc.array(sample, { minLength: 60, maxLength: 200 }), fc.nat(), (samples, seed) => {
      const subjects = new Set(samples.map(({ subject }) => subject));
      fc.pre(subjects.size >= 5);
      const foldOf = dealSubjects(samples, 5, seed);
      expect([...foldOf.keys()].sort()).toEqual([...subjects].sort());
      expect(new Set(foldOf.values()).size).toBe(5);
      const tested = samples.map(() => 0);
      for (let fold = 0; fold < 5; fold++) {
        const splits = splitBySubject(samples, { kind: "folds", folds: 5, fold, seed });
        const splitOf = new Map<string, string>();
        for (const [i, { subject }] of samples.entries()) {
          expect(splitOf.get(subject) ?? splits[i]).toBe(splits[i]);
          splitOf.set(subject, splits[i]!);
          if (splits[i] === "test") tested[i]! += 1;
        }
      }
      expect(tested).toEqual(samples.map(() => 1));
    }),
    { numRuns: 50 },
  );
});

test("folds of a set like CK+ have its classes in like shares", () => {
  const counts = { angry: 45, disgust: 59, fear: 25, happy: 69, sad: 28, surprise: 83 };
  const samples: SubjectSample[] = Object.entries(counts).flatMap(([label, count], c) =>
    Array.from({ length: count }, (_, i) => ({ subject: `S${(i * 7 + c * 13) % 118}`, label })),
  );
  const foldOf = dealSubjects(samples, 10, 1);
  for (const [label, count] of Object.entries(counts)) {
    for (let fold = 0; fold < 10; fold++) {
      const has = samples.filter((one) => one.label === label && foldOf.get(one.subject) === fold).length;
      expect(Math.abs(has - count / 10)).toBeLessThanOrEqual(2.5);
    }
  }
  expect(dealSubjects(samples, 10, 2)).not.toEqual(foldOf);
  expect(dealSubjects([...samples].reverse(), 10, 1)).toEqual(foldOf);
});

test("folds are of a size where no two people have a label in common", () => {
  const samples = Array.from({ length: 12 }, (_, i) => ({ subject: `S${i}`, label: `only of ${i}` }));
  const sizes = new Int32Array(3);
  for (const fold of dealSubjects(samples, 3, 1).values()) sizes[fold]! += 1;
  expect([...sizes]).toEqual([4, 4, 4]);
});

test("settings that make no folds are refused in words", () => {
  const samples = ["a", "b"].map((subject) => ({ subject, label: "happy" }));
  expect(() => splitBySubject(samples, subjectSplitSettings.parse({ kind: "folds" }))).toThrow(
    "2 subjects do not fill 10 folds",
  );
  const beyond = subjectSplitSettings.parse({ kind: "folds", folds: 3, fold: 3 });
  expect(() => splitBySubject(samples, beyond)).toThrow("there is no fold 3 of 3");
  expect(splitBySubject(samples, { kind: "test" })).toEqual(["test", "test"]);
});
