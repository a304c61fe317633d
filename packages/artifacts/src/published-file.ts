/** A file that somebody publishes, known by its checksum wherever it comes from. */
export interface PublishedFile {
  /** Its name, by which a mirror folder has it. */
  name: string;
  /** Where it is published, tried in turn; empty where only a person can get it. */
  urls: readonly string[];
  /** In hexadecimal. */
  checksum: { sha256: string } | { md5: string };
  /** Its size, where it is known. */
  bytes?: number;
}
