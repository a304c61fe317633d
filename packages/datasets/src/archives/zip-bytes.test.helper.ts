import { crc32, deflateRawSync } from "node:zlib";

export interface ZipMember {
  readonly name: string;
  readonly content: Buffer;
  /** Unix mode, of which the type is what matters. */
  readonly mode?: number;
  readonly encrypted?: boolean;
}

/**
 * A .zip of deflated members, laid out by APPNOTE.TXT 4.3: local headers, directory, end record. With `overlapping`, the
 * directory names them all, and all are the first one's bytes; with `claimed`, it says that it has so many (zip64).
 */
export function zipBytes(
  members: readonly ZipMember[],
  { overlapping = false, claimed }: { overlapping?: boolean; claimed?: bigint } = {},
): Buffer {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, content, mode = 0o100644, encrypted = false } of members) {
    const packed = deflateRawSync(content);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0); // version needed
    common.writeUInt16LE(encrypted ? 1 : 0, 2);
    common.writeUInt16LE(8, 4); // deflate
    common.writeUInt32LE(crc32(content), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(content.length, 18);
    common.writeUInt16LE(Buffer.byteLength(name), 22);
    const local = Buffer.concat([uint32(0x04034b50), common, Buffer.from(name), packed]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE((mode << 16) >>> 0, 6);
    rest.writeUInt32LE(offset, 10);
    directory.push(uint32(0x02014b50), Buffer.from([20, 3]), common, rest, Buffer.from(name));
    if (overlapping && locals.length > 0) continue;
    locals.push(local);
    offset += overlapping ? 0 : local.length;
  }
  if (overlapping) offset = locals[0]!.length;
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(members.length, 4);
  end.writeUInt16LE(members.length, 6);
  end.writeUInt32LE(central.length, 8);
  end.writeUInt32LE(offset, 12);
  if (claimed === undefined) return Buffer.concat([...locals, central, uint32(0x06054b50), end]);
  end.fill(0xff, 4, 16);
  const end64 = Buffer.alloc(52);
  end64.writeBigUInt64LE(44n, 0); // of what follows
  for (const at of [20, 28]) end64.writeBigUInt64LE(claimed, at);
  end64.writeBigUInt64LE(BigInt(central.length), 36);
  end64.writeBigUInt64LE(BigInt(offset), 44);
  const locator = Buffer.alloc(16);
  locator.writeBigUInt64LE(BigInt(offset + central.length), 4);
  locator.writeUInt32LE(1, 12);
  return Buffer.concat([
    ...locals,
    central,
    uint32(0x06064b50),
    end64,
    uint32(0x07064b50),
    locator,
    uint32(0x06054b50),
    end,
  ]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
