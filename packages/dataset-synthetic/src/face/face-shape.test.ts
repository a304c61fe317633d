import { describe, expect, it } from "vitest";
import type { ActionUnit, ActionUnits } from "../action-units.ts";
import { drawIdentity } from "../identity.ts";
import { faceShape } from "./face-shape.ts";

const PERSON = drawIdentity(1, 2);

function shape(...active: ActionUnit[]) {
  const units: ActionUnits = Object.fromEntries(active.map((unit) => [unit, { left: 1, right: 1 }]));
  return faceShape(PERSON, units, [0, 0]);
}

/** Landmark by its number in the 68-point order. */
function mark(face: ReturnType<typeof shape>, number: number) {
  const [x, y] = face.innerLandmarks[number - 17]!;
  return { x, y };
}

const REST = shape();

describe("the face at rest", () => {
  it("has the 51 inner landmarks in iBUG's order", () => {
    expect(REST.innerLandmarks).toHaveLength(51);
    const xs = (numbers: number[]) => numbers.map((number) => mark(REST, number).x);
    const rising = (values: number[]) => values.every((value, i) => i === 0 || value > values[i - 1]!);
    expect(rising(xs([17, 18, 19, 20, 21, 22, 23, 24, 25, 26]))).toBe(true);
    expect(rising([27, 28, 29, 30, 33].map((number) => mark(REST, number).y))).toBe(true);
    expect(rising(xs([31, 32, 33, 34, 35]))).toBe(true);
    expect(rising(xs([36, 37, 38, 39, 42, 43, 44, 45]))).toBe(true);
    expect(rising(xs([48, 49, 50, 51, 52, 53, 54]))).toBe(true);
    expect(rising(xs([59, 58, 57, 56, 55]))).toBe(true);
    expect(rising(xs([60, 61, 62, 63, 64]))).toBe(true);
    expect(rising(xs([67, 66, 65]))).toBe(true);
    expect(mark(REST, 37).y).toBeLessThan(mark(REST, 41).y);
    expect(mark(REST, 51).y).toBeLessThan(mark(REST, 57).y);
  });

  it("has proportions like dlib's mean face", () => {
    // Eye centres, nose tip, mouth and brows of the 68-point mean shape, in interpupillary distances.
    const eyes = (number: number) => mark(REST, number);
    expect(Math.abs(eyes(36).x + eyes(39).x) / 2).toBeCloseTo(0.5, 1);
    expect(mark(REST, 30).y).toBeGreaterThan(0.45);
    expect(mark(REST, 30).y).toBeLessThan(0.7);
    expect(mark(REST, 62).y).toBeGreaterThan(0.95);
    expect(mark(REST, 62).y).toBeLessThan(1.25);
    expect(mark(REST, 19).y).toBeLessThan(-0.2);
  });
});

describe("action units", () => {
  it("1 raises the inner brow, 2 the outer, 4 lowers both and draws them together", () => {
    expect(mark(shape(1), 21).y).toBeLessThan(mark(REST, 21).y - 0.1);
    expect(mark(shape(1), 17).y).toBeCloseTo(mark(REST, 17).y);
    expect(mark(shape(2), 18).y).toBeLessThan(mark(REST, 18).y - 0.1);
    expect(mark(shape(4), 21).y).toBeGreaterThan(mark(REST, 21).y + 0.05);
    expect(mark(shape(4), 22).x - mark(shape(4), 21).x).toBeLessThan(mark(REST, 22).x - mark(REST, 21).x);
  });

  it("1 with 4 slants the brow up towards the nose", () => {
    const grief = shape(1, 4);
    expect(mark(grief, 21).y - mark(grief, 17).y).toBeLessThan(mark(REST, 21).y - mark(REST, 17).y - 0.05);
  });

  it("5 opens the eye, 7 narrows it, 43 shuts it", () => {
    const opening = (face: ReturnType<typeof shape>) => mark(face, 41).y - mark(face, 37).y;
    expect(opening(shape(5))).toBeGreaterThan(opening(REST) * 1.2);
    expect(opening(shape(7))).toBeLessThan(opening(REST) * 0.8);
    expect(opening(shape(43))).toBeLessThan(opening(REST) * 0.25);
  });

  it("12 draws the corners of the mouth up and out, 15 down, 20 out", () => {
    const smile = shape(12);
    expect(mark(smile, 54).y).toBeLessThan(mark(REST, 54).y - 0.1);
    expect(mark(smile, 54).x).toBeGreaterThan(mark(REST, 54).x + 0.05);
    expect(mark(shape(15), 48).y).toBeGreaterThan(mark(REST, 48).y + 0.1);
    expect(mark(shape(20), 54).x).toBeGreaterThan(mark(REST, 54).x + 0.08);
  });

  it("10 raises the upper lip, 17 the lower, 24 thins both", () => {
    expect(mark(shape(10), 50).y).toBeLessThan(mark(REST, 50).y - 0.05);
    expect(mark(shape(17), 66).y).toBeLessThan(mark(REST, 66).y - 0.03);
    const red = (face: ReturnType<typeof shape>) => mark(face, 57).y - mark(face, 51).y;
    expect(red(shape(24))).toBeLessThan(red(REST) * 0.7);
  });

  it("25 parts the lips, 26 drops jaw and chin with them", () => {
    const gap = (face: ReturnType<typeof shape>) => mark(face, 66).y - mark(face, 62).y;
    expect(gap(REST)).toBeCloseTo(0);
    expect(gap(shape(25))).toBeGreaterThan(0.03);
    expect(gap(shape(25, 26))).toBeGreaterThan(0.25);
    expect(shape(26).head.chinY).toBeGreaterThan(REST.head.chinY + 0.2);
  });

  it("act on the side they are given for", () => {
    const left = faceShape(PERSON, { 12: { left: 1, right: 0 } }, [0, 0]);
    expect(mark(left, 48).y).toBeLessThan(mark(REST, 48).y - 0.1);
    expect(mark(left, 54).y).toBeCloseTo(mark(REST, 54).y);
  });
});
