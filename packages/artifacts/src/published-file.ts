import { stat } from "node:fs/promises";
import { type Checksum, checksumOf, describeChecksum, sameChecksum } from "./checksum.ts";

/** A file that somebody publishes, known by its checksum wherever it comes from. */
export interface PublishedFile {
  /** Its name, by which a mirror folder has it. */
  readonly name: string;
  /** Where it is published, tried in turn; empty where only a person can get it. */
  readonly urls: readonly string[];
  readonly checksum: Checksum;
  /** Its size, where it is known. */
  readonly bytes?: number;
}

/** What is wrong with the file at `path`: nothing where it is the published one, byte for byte. */
export async function problemWith(file: PublishedFile, path: string): Promise<string | undefined> {
  const { size } = await stat(path);
  if (file.bytes !== undefined && size !== file.bytes) {
    return `it has ${size} bytes, the published file ${file.bytes}`;
  }
  const found = await checksumOf(path, file.checksum);
  if (sameChecksum(found, file.checksum)) return undefined;
  return `its checksum is ${describeChecksum(found)}, the published file's ${describeChecksum(file.checksum)}`;
}

/** `efficientnetb0_notop.h5 (16,705,208 bytes, md5 50bc…)` */
export function describePublished({ name, bytes, checksum }: PublishedFile): string {
  const size = bytes === undefined ? "" : `${bytes.toLocaleString("en")} bytes, `;
  return `${name} (${size}${describeChecksum(checksum)})`;
}
