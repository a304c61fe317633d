/** A line of comma-separated values without its end (RFC 4180); null is an empty field. */
export function csvLine(fields: readonly (string | number | boolean | null)[]): string {
  return fields.map(csvField).join(",");
}

function csvField(value: string | number | boolean | null): string {
  const text = value === null ? "" : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
