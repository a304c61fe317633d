import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  escapeLatex,
  type Table,
  tableCsv,
  tableHtml,
  tableJson,
  tableLatex,
  tableMarkdown,
} from "./table.ts";

interface Row {
  name: string;
  share: number | null;
}

const table: Table<Row> = {
  name: "shares",
  caption: "Shares & more",
  rows: [
    { name: "plain", share: 0.5 },
    { name: '<b>a|b, "c"\nd_e%', share: null },
  ],
  emphasis: ({ name }) => name === "plain",
  columns: [
    { heading: "Name", text: ({ name }) => name, values: ({ name }) => ({ name }) },
    {
      heading: "Share, %",
      numeric: true,
      text: ({ share }) => (share === null ? null : (100 * share).toFixed(1)),
      values: ({ share }) => ({ share }),
    },
    { heading: "for programs", values: ({ name }) => ({ length: name.length }) },
  ],
  notes: ["A note_with 5%."],
};

describe("a table", () => {
  it("as Markdown: one line a row, markup escaped, absent values dashed", () => {
    expect(tableMarkdown(table)).toBe(
      [
        "Shares &amp; more",
        "",
        "| Name | Share, % |",
        "|:--|--:|",
        "| **plain** | **50.0** |",
        '| &lt;b&gt;a\\|b, "c" d\\_e% | — |',
        "",
        "A note\\_with 5%.",
        "",
      ].join("\n"),
    );
  });

  it("as CSV: raw values, quoted where needed, empty where absent", () => {
    expect(tableCsv(table)).toBe('name,share,length\r\nplain,0.5,5\r\n"<b>a|b, ""c""\nd_e%",,16\r\n');
  });

  it("as LaTeX: booktabs, special characters escaped", () => {
    expect(tableLatex(table)).toBe(
      [
        "% \\usepackage{booktabs}",
        "\\begin{table}",
        "  \\centering",
        "  \\caption{Shares \\& more}",
        "  \\begin{tabular}{lr}",
        "    \\toprule",
        "    Name & Share, \\% \\\\",
        "    \\midrule",
        "    \\textbf{plain} & \\textbf{50.0} \\\\",
        '    <b>a|b, "c" d\\_e\\% & --- \\\\',
        "    \\bottomrule",
        "  \\end{tabular}",
        "  \\par\\smallskip{\\footnotesize A note\\_with 5\\%.}",
        "\\end{table}",
        "",
      ].join("\n"),
    );
  });

  it("as JSON: raw values by key", () => {
    expect(JSON.parse(tableJson(table))).toEqual({
      name: "shares",
      caption: "Shares & more",
      rows: [
        { name: "plain", share: 0.5, length: 5 },
        { name: '<b>a|b, "c"\nd_e%', share: null, length: 16 },
      ],
      notes: ["A note_with 5%."],
    });
  });

  it("as HTML: escaped, with a heading for every row and column", () => {
    const { markup } = tableHtml(table);
    expect(markup).not.toContain("<b>");
    expect(markup).toContain('<th scope="row" class="text">&lt;b&gt;a|b, &quot;c&quot;\nd_e%</th>');
    expect(markup.match(/<th scope="col"/g)).toHaveLength(2);
    expect(markup).toContain(
      '<tr class="own"><th scope="row" class="text">plain</th><td class="number">50.0</td>',
    );
  });
});

describe("tableCsv", () => {
  it("comes back from a reader of RFC 4180, whatever a name holds, but that no name is a formula", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "grapheme" }), { minLength: 1 }), (names) => {
        const rows = names.map((name) => ({ name, share: 1 }));
        const read = parseCsv(tableCsv({ ...table, rows }));
        const shown = names.map((name) => (/^[=+\-@\t\r]/.test(name) ? `'${name}` : name));
        expect(read.slice(1).map(([name]) => name)).toEqual(shown);
      }),
    );
  });
});

it("keeps negative numbers numbers in CSV", () => {
  const column = { heading: "d", values: ({ d }: { d: number }) => ({ d }) };
  expect(tableCsv({ name: "t", caption: "", notes: [], rows: [{ d: -0.5 }], columns: [column] })).toBe(
    "d\r\n-0.5\r\n",
  );
});

describe("escapes", () => {
  it("leave no bare command or group in LaTeX", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme-ascii" }), (text) => {
        expect(escapeLatex(text).replace(/\\(textbackslash\{\}|text\w+\{\}|[{}$&#_%])/g, "")).not.toMatch(
          /[\\{}$&#^_~%]/,
        );
      }),
    );
  });
});

/** Records and fields of RFC 4180, written apart from the writer under test. */
function parseCsv(text: string): string[][] {
  const records: string[][] = [];
  let at = 0;
  while (at < text.length) {
    const record: string[] = [];
    for (;;) {
      let field = "";
      if (text[at] === '"') {
        at++;
        while (text[at] !== '"' || text[at + 1] === '"') {
          if (text[at] === '"') at++;
          field += text[at++];
        }
        at++;
      } else {
        while (text[at] !== "," && !text.startsWith("\r\n", at)) field += text[at++];
      }
      record.push(field);
      if (text[at++] !== ",") break;
    }
    at++;
    records.push(record);
  }
  return records;
}
