import { sha256 } from "@fer-bench/artifacts";

/** One checksum for a split: SHA-256 over the lines "id TAB label TAB pixelSha256 LF", sorted by id. */
export function splitChecksum(
  rows: readonly { readonly id: string; readonly label: string; readonly pixelSha256: string }[],
): string {
  const sorted = [...rows].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  return sha256(sorted.map((row) => `${row.id}\t${row.label}\t${row.pixelSha256}\n`).join(""));
}
