import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";

/** What a file's bytes must come to, in hexadecimal. Publishers give the one or the other. */
export type Checksum = { readonly sha256: string } | { readonly md5: string };

/** `md5 50bc…` */
export function describeChecksum(checksum: Checksum): string {
  const { algorithm, hex } = partsOf(checksum);
  return `${algorithm} ${hex}`;
}

/** The same kind of checksum of a file's bytes, streamed. */
export async function checksumOf(path: string, like: Checksum): Promise<Checksum> {
  const { algorithm } = partsOf(like);
  const hash = createHash(algorithm);
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  const hex = hash.digest("hex");
  return algorithm === "md5" ? { md5: hex } : { sha256: hex };
}

export function sameChecksum(a: Checksum, b: Checksum): boolean {
  return describeChecksum(a) === describeChecksum(b);
}

function partsOf(checksum: Checksum): { algorithm: "md5" | "sha256"; hex: string } {
  return "md5" in checksum
    ? { algorithm: "md5", hex: checksum.md5.toLowerCase() }
    : { algorithm: "sha256", hex: checksum.sha256.toLowerCase() };
}
