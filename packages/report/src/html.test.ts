import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { escapeHtml, html, trusted } from "./html.ts";

describe("html", () => {
  it("escapes what is inserted, in text and in attributes", () => {
    const hostile = `"><script>alert('x')</script>&`;
    expect(html`<p title="${hostile}">${hostile}</p>`.markup).toBe(
      '<p title="&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;">&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;</p>',
    );
  });

  it("keeps markup, joins lists, and leaves out undefined and false but not 0", () => {
    const items = ["<a>", 0].map((item) => html`<li>${item}</li>`);
    expect(html`<ul>${items}${undefined}${false}${trusted("<hr>")}</ul>`.markup).toBe(
      "<ul><li>&lt;a&gt;</li><li>0</li><hr></ul>",
    );
  });
});

describe("escapeHtml", () => {
  it("leaves nothing that opens a tag or ends an attribute, and loses nothing", () => {
    const decoded = (text: string) =>
      text
        .replaceAll("&lt;", "<")
        .replaceAll("&gt;", ">")
        .replaceAll("&quot;", '"')
        .replaceAll("&#39;", "'")
        .replaceAll("&amp;", "&");
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        expect(escapeHtml(text)).not.toMatch(/[<>"']/);
        expect(decoded(escapeHtml(text))).toBe(text);
      }),
    );
  });
});
