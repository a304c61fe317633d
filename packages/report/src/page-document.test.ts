import { describe, expect, it } from "vitest";
import { caveat } from "./page-document.ts";

const random = (name: string) => ({ name, title: name, note: "Its weights are random." });
const trained = { name: "net.trained", title: "Net, trained", note: "It was trained on the target." };
const pixels = { name: "pixels", title: "Raw pixels" };
const markup = (...backbones: Parameters<typeof caveat>[0]) => {
  const made = caveat(backbones);
  return made === false ? "" : made.markup.replace(/<[^>]+>/g, "");
};

describe("the caveat before a page's numbers", () => {
  it("is left out where no backbone needs one", () => {
    expect(caveat([pixels])).toBe(false);
  });

  it("names the one backbone that all rests on", () => {
    expect(markup(random("net.random"))).toContain("rests on the backbone net.random, unless its row names");
  });

  it("says once what is so of all backbones of a grid", () => {
    const text = markup(random("s.random"), random("l.random"));
    expect(text.match(/Its weights are random/g)).toHaveLength(1);
    expect(text).toContain("so of every backbone of the grid");
  });

  it("says of which backbones it is, where not of all, and of which each note is", () => {
    expect(markup(random("s.random"), pixels)).toContain("This is so of s.random;");
    const text = markup(random("s.random"), random("l.random"), trained);
    expect(text).toContain("Before you read a number: s.random, l.random: Its weights are random.");
    expect(text).toContain("net.trained: It was trained on the target.");
  });
});
