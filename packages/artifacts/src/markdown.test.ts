import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { escapeMarkdown, markdownLink, markdownProse } from "./markdown.ts";

const anyText = fc.oneof(
  fc.string({ unit: "grapheme-ascii" }),
  fc
    .array(fc.constantFrom("<", ">", "|", "\\", "\n", "[", "](", "x", "\u001b", "&lt;"))
    .map((all) => all.join("")),
);

describe("text from data in Markdown", () => {
  it("has no bar, tag, line break or control character", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const escaped = escapeMarkdown(text);
        expect(escaped).not.toMatch(/(^|[^\\])(\\\\)*\||[<>]/);
        expect([...escaped].every((character) => character >= " " && character !== "\u007f")).toBe(true);
      }),
    );
  });

  it("as prose has neither tags nor links", () => {
    expect(markdownProse("see [x](javascript:y) & <b>https://a.b/c_d</b>")).toBe(
      "see \\[x\\](javascript:y) &amp; &lt;b&gt;https://a.b/c_d&lt;/b&gt;",
    );
  });

  it("is a link to the web alone", () => {
    expect(markdownLink("MIT", "https://example.org/a?b=1")).toBe("[MIT](https://example.org/a?b=1)");
    for (const url of ["javascript:alert(1)", "data:text/html,x", "https://a b", "https://a)<b", ""]) {
      expect(markdownLink("M<I>T", url)).toBe("M&lt;I&gt;T");
    }
  });
});
