import { createHash } from "node:crypto";

/** One checksum for a split: SHA-256 over the lines "id TAB label TAB pixelSha256 LF", sorted by id. */
export function splitChecksum(
  rows: readonly { readonly id: string; readonly label: string; readonly pixelSha256: string }[],
): string {
  const sorted = [...rows].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  const hash = createHash("sha256");
  for (const { id, label, pixelSha256 } of sorted) hash.update(`${id}\t${label}\t${pixelSha256}\n`);
  return hash.digest("hex");
}
