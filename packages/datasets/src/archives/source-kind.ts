import { type FileHandle, open, stat } from "node:fs/promises";
import { promisify } from "node:util";
import { constants, gunzip } from "node:zlib";
import { FerBenchError } from "@fer-bench/artifacts";

export type SourceKind = "folder" | "zip" | "tar" | "tar.gz" | "gz" | "file";

const BLOCK = 512;
const unpack = promisify(gunzip);

/** What lies at a path, by its first bytes; names and endings are not asked. */
export async function sourceKind(path: string): Promise<SourceKind> {
  const found = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    throw new FerBenchError("missing", `there is nothing to read (${cause.code ?? cause.message})`, {
      file: path,
      remedy: "Check the path: it should name a folder, an archive or a file.",
      cause,
    });
  });
  if (found.isDirectory()) return "folder";
  if (!found.isFile()) {
    throw new FerBenchError("bad-data", "neither a file nor a folder", {
      file: path,
      remedy: "Pass a folder, an archive or a plain file.",
    });
  }
  const handle = await open(path);
  try {
    const head = await readHead(handle, 64 * 1024);
    if (isZip(head)) return "zip";
    if (isTarHeader(head)) return "tar";
    if (!isGzip(head)) return "file";
    return isTarHeader(await firstUnpacked(head)) ? "tar.gz" : "gz";
  } finally {
    await handle.close();
  }
}

async function readHead(handle: FileHandle, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, 0);
  return buffer.subarray(0, bytesRead);
}

/** A local file header, or the end record of an empty archive (APPNOTE.TXT 4.3.7, 4.3.16). */
function isZip(head: Buffer): boolean {
  const signature = head.length >= 4 ? head.readUInt32LE(0) : 0;
  return signature === 0x04034b50 || signature === 0x06054b50;
}

/** RFC 1952, section 2.3.1: the two magic bytes, and deflate as the method. */
function isGzip(head: Buffer): boolean {
  return head[0] === 0x1f && head[1] === 0x8b && head[2] === 8;
}

/** A tar header carries the sum of its own bytes, its sum field counted as spaces (POSIX.1 pax, ustar). */
function isTarHeader(head: Buffer): boolean {
  if (head.length < BLOCK || head[0] === 0) return false;
  const stated = Number.parseInt(head.toString("latin1", 148, 156).replaceAll("\0", " ").trim(), 8);
  let sum = 0;
  for (let i = 0; i < BLOCK; i++) sum += i >= 148 && i < 156 ? 32 : head[i]!;
  return sum === stated;
}

/** What the start of a gzip file unpacks to; as far as it goes where the file is damaged. */
async function firstUnpacked(head: Buffer): Promise<Buffer> {
  return unpack(head, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: 64 * 2 ** 20 }).catch(() =>
    Buffer.alloc(0),
  );
}
