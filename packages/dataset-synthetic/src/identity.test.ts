import { describe, expect, it } from "vitest";
import { BEARDS, drawIdentity, GLASSES, HAIR_STYLES } from "./identity.ts";

const CROWD = Array.from({ length: 400 }, (_, number) => drawIdentity(1, number));

describe("drawIdentity", () => {
  it("gives a number the same person every time, and another seed another", () => {
    expect(drawIdentity(1, 7)).toEqual(drawIdentity(1, 7));
    expect(drawIdentity(2, 7)).not.toEqual(drawIdentity(1, 7));
  });

  it("fills the range of skin, age, hair, beards and glasses", () => {
    const depths = CROWD.map((person) => person.skin.depth);
    for (let tenth = 0; tenth < 10; tenth++) {
      const share = depths.filter((depth) => Math.floor(depth * 10) === tenth).length / CROWD.length;
      expect(share).toBeGreaterThan(0.04);
    }
    expect(CROWD.filter((person) => person.age > 0.7).length).toBeGreaterThan(20);
    expect(new Set(CROWD.map((person) => person.hair.style))).toEqual(new Set(HAIR_STYLES));
    expect(new Set(CROWD.map((person) => person.beard.style))).toEqual(new Set(BEARDS));
    expect(new Set(CROWD.map((person) => person.glasses.style))).toEqual(new Set(GLASSES));
  });

  it("gives deeper skin a darker colour", () => {
    const sorted = [...CROWD].sort((a, b) => a.skin.depth - b.skin.depth);
    const mean = (people: typeof CROWD): number =>
      people.reduce((sum, person) => sum + person.skin.colour[1], 0) / people.length;
    expect(mean(sorted.slice(0, 100))).toBeGreaterThan(3 * mean(sorted.slice(300)));
  });
});
