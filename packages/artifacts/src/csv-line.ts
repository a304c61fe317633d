/**
 * A line of comma-separated values without its end (RFC 4180); null is an empty field. A text that a spreadsheet would
 * take for a formula has an apostrophe before it, by which it takes it for a text (OWASP, "CSV Injection").
 */
export function csvLine(fields: readonly (string | number | boolean | null)[]): string {
  return fields.map(csvField).join(",");
}

function csvField(value: string | number | boolean | null): string {
  const raw = value === null ? "" : String(value);
  const text = typeof value === "string" && /^[=+\-@\t\r]/.test(raw) ? `'${raw}` : raw;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
