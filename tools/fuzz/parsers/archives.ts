import { rm } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { sha256 } from "@fer-bench/artifacts";
import { createTarWriter, openNested, openSource } from "@fer-bench/datasets";
import fc from "fast-check";
import { zipBytes } from "../../../packages/datasets/src/archives/zip-bytes.test.helper.ts";
import { obtainLandmarks } from "../../../packages/preprocess/src/landmarks/obtain-landmarks.ts";
import { damaged, extremeNumber } from "../damage.ts";
import type { Input, Parser } from "../parser.ts";
import { fromFolder } from "./examples.ts";

const MEMBERS = [
  { name: "train/happy/a.png", content: Buffer.from("not looked at".repeat(40)) },
  { name: "b.txt", content: Buffer.from("short") },
  { name: "empty", content: Buffer.alloc(0) },
];

const BLOCK = 512;

/** Archives and what is packed in them: read to the end, as an import does. */
export const archives: readonly Parser[] = [
  {
    name: "zip",
    file: "set.zip",
    onDisk: true,
    examples: async () => [zipBytes(MEMBERS), zipBytes(MEMBERS.slice(1))],
    grammar: () => oddZip,
    read: readAll,
  },
  {
    name: "tar",
    file: "set.tar",
    onDisk: true,
    examples: exampleTars,
    grammar: oddTar,
    read: readAll,
  },
  {
    name: "tar.gz, gz",
    file: "set.tar.gz",
    onDisk: true,
    examples: async () => [...(await exampleTars()).map((tar) => gzipSync(tar)), gzipSync("a,b\n1,2\n")],
    // What is damaged before it is packed gets past the checksum.
    grammar: (examples) => {
      const unpacked = examples.map((bytes) => gunzipSync(bytes));
      return fc
        .tuple(fc.oneof(damaged(unpacked), oddTar(unpacked)), fc.boolean())
        .map(([tar, twice]) => Buffer.concat([gzipSync(tar), twice ? gzipSync("more") : Buffer.alloc(0)]));
    },
    read: readAll,
  },
  {
    name: "bz2 (dlib's landmarks)",
    file: "points.dat.bz2",
    onDisk: true,
    examples: async () => [
      // bzip2 1.0.8 of "fer-bench\n", and of 5,000 zero bytes
      Buffer.from("QlpoOTFBWSZTWbl0wFMAAANRgAAQAAIbQRAAIAAiAZPUIMmIZgh8R4u5IpwoSFy6YCmA", "base64"),
      Buffer.from("QlpoOTFBWSZTWRVwpxsAAAnAIMAAAIAACCAAIKU0GY1GwTxdyRThQkBVwpxs", "base64"),
    ],
    async read({ path, folder, bytes }) {
      await rm(join(folder, "cache"), { recursive: true, force: true });
      // The packed file passes for the published one, so that it is unpacked; what comes out cannot.
      const packed = { name: "points.dat.bz2", urls: [], checksum: { sha256: sha256(bytes) } };
      const file = { name: "points.dat", urls: [], checksum: { sha256: "0".repeat(64) } };
      const published = { name: "points", points: 5, packed, file, licence: "", restricted: false } as const;
      const stores = { mirror: folder, mirrorName: "MIRROR", cache: join(folder, "cache"), offline: true };
      return obtainLandmarks(published, stores).then(() => {
        throw new Error(`${path} unpacked to a file of another checksum`);
      });
    },
  },
];

async function readAll({ path }: Input): Promise<void> {
  for await (const entry of openSource(path)) {
    for await (const _ of await entry.open()) {
      // Read to the end.
    }
  }
  for await (const entry of openNested(path)) await entry.bytes();
}

function exampleTars(): Promise<readonly Uint8Array[]> {
  return fromFolder(async (folder) => {
    const tar = createTarWriter(join(folder, "a.tar"));
    for (const { name, content } of MEMBERS) await tar.add(name, content);
    await tar.close();
    const long = createTarWriter(join(folder, "b.tar"));
    await long.add(`${"folder/".repeat(30)}ä.txt`, Buffer.from("x"));
    await long.close();
    return ["a.tar", "b.tar"];
  });
}

const oddName = fc.oneof(
  fc.constantFrom("../../x", "/etc/passwd", "C:\\x", "a//b", "", ".", "a/", "\u0000", "x".repeat(5000), "🙂"),
  fc.string({ maxLength: 20 }),
);

/** Zips whose directory says what is not so. */
const oddZip = fc
  .tuple(
    fc.array(
      fc.record({
        name: oddName,
        content: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
        mode: fc.constantFrom(0o100644, 0o120777, 0o040755, 0o020644, 0),
        encrypted: fc.constantFrom(false, false, false, true),
      }),
      { minLength: 1, maxLength: 5 },
    ),
    fc.boolean(),
    fc.option(fc.bigInt(0n, (1n << 64n) - 1n), { nil: undefined }),
  )
  .map(([members, overlapping, claimed]) =>
    zipBytes(members, { overlapping, ...(claimed !== undefined && { claimed }) }),
  );

/** Tars with a header's field set to anything, and the header's checksum right again. */
function oddTar(examples: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  const field = fc.oneof(
    fc.tuple(
      fc.constant(0),
      oddName.map((name) => name.slice(0, 100)),
    ),
    fc.tuple(
      fc.constant(124),
      extremeNumber.map((value) => Math.abs(Math.trunc(value)).toString(8).padStart(11, "0")),
    ),
    fc.tuple(
      fc.constant(124),
      fc.constantFrom(
        "\x80\0\0\0\0\0\0\x7f\xff\xff\xff\xff",
        "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
        "99999999999",
      ),
    ),
    fc.tuple(fc.constant(156), fc.constantFrom(..."0123457xgLKSV\0Z")),
    fc.tuple(
      fc.constant(157),
      oddName.map((name) => name.slice(0, 100)),
    ),
    fc.tuple(fc.constant(257), fc.constantFrom("ustar\x0000", "ustar  \0", "\0\0\0\0\0\0\0\0")),
    fc.tuple(
      fc.constant(345),
      oddName.map((name) => name.slice(0, 155)),
    ),
  );
  return fc
    .tuple(fc.constantFrom(...examples), fc.array(fc.tuple(fc.nat(9), field), { minLength: 1, maxLength: 3 }))
    .map(([example, fields]) => {
      const tar = Buffer.from(example);
      for (const [block, [at, text]] of fields) {
        const start = (block * BLOCK) % Math.max(BLOCK, tar.length - (tar.length % BLOCK));
        if (start + BLOCK > tar.length) continue;
        tar.write(text, start + at, "latin1");
        tar.write("        ", start + 148, "latin1");
        const sum = tar.subarray(start, start + BLOCK).reduce((a, b) => a + b, 0);
        tar.write(`${sum.toString(8).padStart(6, "0")}\0 `, start + 148, "latin1");
      }
      return tar;
    });
}
