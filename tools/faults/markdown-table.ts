type Rows = readonly Readonly<Record<string, string | number>>[];

/** Rows as a Markdown table; its columns are the first row's keys, numbers stand at the right. */
export function markdownTable(rows: Rows): string {
  const names = Object.keys(rows[0] ?? {});
  const lines = [names, names.map((name) => (typeof rows[0]![name] === "number" ? "--:" : ":--"))];
  for (const row of rows) lines.push(names.map((name) => `${row[name] ?? ""}`));
  return `${lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n")}\n`;
}
