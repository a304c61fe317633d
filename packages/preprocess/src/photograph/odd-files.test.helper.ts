import { deflateRawSync, deflateSync, crc32 as zlibCrc32 } from "node:zlib";
import { createRandom, type Random, randomInt } from "@fer-bench/artifacts";
import sharp from "sharp";

/** A file that somebody might hand in as a photograph. */
export interface OddFile {
  readonly what: string;
  readonly bytes: Uint8Array;
}

/** Damaged and odd files by seed, as many as asked for: each kind in turn, with other damage every time. */
export async function oddFiles(count: number, seed: number): Promise<OddFile[]> {
  const good = await goodFiles();
  const kinds: [string, (random: Random) => Uint8Array | Promise<Uint8Array>][] = [
    ["cut off", (random) => cut(pick(good, random), random)],
    ["bytes overwritten", (random) => overwrite(pick(good, random), random)],
    ["header overwritten", (random) => overwrite(pick(good, random), random, 64)],
    ["another tail", (random) => spliced(pick(good, random), pick(good, random), random)],
    ["PNG of another size in its header", (random) => pngHeader(good.png, oddSize(random), oddSize(random))],
    ["JPEG of another size in its header", (random) => jpegHeader(good.jpeg, random)],
    ["GIF of another size in its header", (random) => gifHeader(good.gif, random)],
    ["zip", (random) => zip(randomBytes(1 + randomInt(random, 500), random))],
    ["bytes by lot", (random) => randomBytes(randomInt(random, 3000), random)],
    ["nothing", () => new Uint8Array(0)],
    ["zero bytes", (random) => new Uint8Array(1 + randomInt(random, 5000))],
    ["beginning only", (random) => pick(good, random).slice(0, 1 + randomInt(random, 16))],
    ["1 x 1", (random) => flat(1, 1, random)],
    ["very wide", (random) => flat(30_000, 2, random)],
    ["very tall", (random) => flat(2, 30_000, random)],
    ["bomb", (random) => bomb(8_000 + randomInt(random, 60_000))],
    ["text", (random) => Buffer.from("<html>not found</html>".repeat(1 + randomInt(random, 50)))],
    ["NaN for floats", (random) => floatTiff(good.tiff, random)],
  ];
  const files: OddFile[] = [];
  for (let i = 0; i < count; i++) {
    const [what, make] = kinds[i % kinds.length]!;
    files.push({ what: `${what} (${i})`, bytes: await make(createRandom(seed, "odd file", i)) });
  }
  return files;
}

type GoodFiles = Record<"jpeg" | "progressive" | "png" | "gif" | "webp" | "tiff" | "avif", Uint8Array>;

async function goodFiles(): Promise<GoodFiles> {
  const [width, height] = [97, 71];
  const data = randomBytes(width * height * 3, createRandom("good file"));
  // Half of it smooth, so that the formats have something to pack.
  for (let i = 0; i < data.length / 2; i++) data[i] = (i >> 4) & 255;
  const picture = () => sharp(data, { raw: { width, height, channels: 3 } });
  return {
    jpeg: await picture().withMetadata({ orientation: 6 }).jpeg().toBuffer(),
    progressive: await picture().jpeg({ progressive: true }).toBuffer(),
    png: await picture().png().toBuffer(),
    gif: await picture().gif({ effort: 1 }).toBuffer(),
    webp: await picture().webp({ effort: 0 }).toBuffer(),
    tiff: await picture().tiff({ compression: "none" }).toBuffer(),
    avif: await picture().avif({ effort: 0 }).toBuffer(),
  };
}

function pick(good: GoodFiles, random: Random): Uint8Array {
  const files = Object.values(good);
  return files[randomInt(random, files.length)]!;
}

function cut(bytes: Uint8Array, random: Random): Uint8Array {
  return bytes.slice(0, randomInt(random, bytes.length));
}

function overwrite(bytes: Uint8Array, random: Random, within = bytes.length): Uint8Array {
  const damaged = bytes.slice();
  const times = 1 + randomInt(random, 12);
  for (let i = 0; i < times; i++)
    damaged[randomInt(random, Math.min(within, bytes.length))] = randomInt(random, 256);
  return damaged;
}

function spliced(head: Uint8Array, tail: Uint8Array, random: Random): Uint8Array {
  const at = randomInt(random, Math.min(head.length, tail.length));
  return Buffer.concat([head.subarray(0, at), tail.subarray(at)]);
}

function randomBytes(length: number, random: Random): Uint8Array {
  return Uint8Array.from({ length }, () => randomInt(random, 256));
}

/** Sizes that break arithmetic. */
function oddSize(random: Random): number {
  const sizes = [0, 1, 2, 0x7fff, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff, 0x7fc00000];
  return sizes[randomInt(random, sizes.length)]!;
}

/** The IHDR chunk's sizes, with the checksum that belongs to them. */
function pngHeader(png: Uint8Array, width: number, height: number): Uint8Array {
  const changed = Buffer.from(png);
  changed.writeUInt32BE(width, 16);
  changed.writeUInt32BE(height, 20);
  changed.writeUInt32BE(zlibCrc32(changed.subarray(12, 29)), 29);
  return changed;
}

function jpegHeader(jpeg: Uint8Array, random: Random): Uint8Array {
  const changed = Buffer.from(jpeg);
  const frame = changed.indexOf(Buffer.from([0xff, 0xc0]));
  changed.writeUInt16BE(oddSize(random) & 0xffff, frame + 5);
  changed.writeUInt16BE(oddSize(random) & 0xffff, frame + 7);
  return changed;
}

function gifHeader(gif: Uint8Array, random: Random): Uint8Array {
  const changed = Buffer.from(gif);
  changed.writeUInt16LE(oddSize(random) & 0xffff, 6);
  changed.writeUInt16LE(oddSize(random) & 0xffff, 8);
  return changed;
}

function flat(width: number, height: number, random: Random): Promise<Uint8Array> {
  const background = { r: randomInt(random, 256), g: 0, b: 0 };
  return sharp({ create: { width, height, channels: 3, background } })
    .png()
    .toBuffer();
}

/** A grey PNG, side x side, whose rows of zeros pack to next to nothing. */
function bomb(side: number): Uint8Array {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header.set([1, 0, 0, 0, 0], 8);
  // One bit a pixel; a megabyte is what is packed, the rest is missing where the picture is larger.
  const rows = deflateSync(Buffer.alloc(Math.min((Math.ceil(side / 8) + 1) * side, 2 ** 23)));
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk("IHDR", header),
    chunk("IDAT", rows),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function chunk(name: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(name, "latin1"), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  framed.set(body, 4);
  framed.writeUInt32BE(zlibCrc32(body), body.length + 4);
  return framed;
}

/** A zip archive's first entry. */
function zip(content: Uint8Array): Uint8Array {
  const packed = deflateRawSync(content);
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  header.writeUInt16LE(8, 8);
  header.writeUInt32LE(zlibCrc32(content), 14);
  header.writeUInt32LE(packed.length, 18);
  header.writeUInt32LE(content.length, 22);
  header.writeUInt16LE(1, 26);
  return Buffer.concat([header, Buffer.from("a"), packed]);
}

/** Every four bytes of the directory at the file's end may become a not-a-number. */
function floatTiff(tiff: Uint8Array, random: Random): Uint8Array {
  const changed = Buffer.from(tiff);
  const directory = changed.readUInt32LE(4);
  for (let i = 0; i < 3; i++)
    changed.writeUInt32LE(0x7fc00000, directory + 2 + 12 * randomInt(random, 10) + 8);
  return changed;
}
