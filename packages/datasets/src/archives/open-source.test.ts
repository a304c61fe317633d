import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { FerBenchError } from "@fer-bench/artifacts";
import { pack } from "tar-stream";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { SourceLimits } from "./limits.ts";
import { openSource } from "./open-source.ts";
import { createTarWriter } from "./tar-writer.ts";
import { zipBytes } from "./zip-bytes.test.helper.ts";

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "fer-bench-archives-"));
});
afterAll(() => rm(dir, { recursive: true }));

const noise = (length: number): Buffer => {
  const bytes = Buffer.alloc(length);
  for (let i = 0, x = 1; i < length; i++) {
    x = (Math.imul(x, 1103515245) + 12345) >>> 0;
    bytes[i] = x >>> 16;
  }
  return bytes;
};
const FILES = [
  { name: "train/angry/im1.png", content: Buffer.from("one") },
  { name: "train/angry/im10.png", content: noise(70_000) },
  { name: "train/fear/im0.png", content: Buffer.alloc(0) },
];
const CONTENTS = Object.fromEntries(FILES.map(({ name, content }) => [name, content.toString("hex")]));

async function write(name: string, content: Buffer): Promise<string> {
  const path = join(dir, name);
  await mkdir(join(path, ".."), { recursive: true });
  await writeFile(path, content);
  return path;
}

async function tarBytes(
  members: readonly {
    name: string;
    content?: Buffer;
    type?: "symlink" | "link" | "fifo" | "directory";
    linkname?: string;
  }[],
): Promise<Buffer> {
  const archive = pack();
  for (const { content = Buffer.alloc(0), ...header } of members) archive.entry(header, content);
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

async function contents(path: string, limits?: Partial<SourceLimits>): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for await (const entry of openSource(path, limits)) {
    const bytes = await entry.bytes();
    if (entry.size !== undefined) expect(entry.size).toBe(bytes.length);
    found[entry.name] = bytes.toString("hex");
  }
  return found;
}

async function refusal(path: string, limits?: Partial<SourceLimits>): Promise<FerBenchError> {
  const error = await contents(path, limits).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(FerBenchError);
  const refused = error as FerBenchError;
  expect(refused.remedy).toBeTruthy();
  expect(refused.file).toBe(path);
  return refused;
}

describe("the same files come out of", () => {
  test("a folder, sorted by the names' code units", async () => {
    for (const { name, content } of FILES) await write(`folder/${name}`, content);
    const found = await contents(join(dir, "folder"));
    expect(found).toEqual(CONTENTS);
    expect(Object.keys(found)).toEqual(FILES.map(({ name }) => name));
  });

  test("a zip, in its own order, under any name", async () => {
    const path = await write("backwards.bin", zipBytes([...FILES].reverse()));
    const found = await contents(path);
    expect(found).toEqual(CONTENTS);
    expect(Object.keys(found)).toEqual([...FILES].reverse().map(({ name }) => name));
  });

  test("a tar, plain and packed", async () => {
    const bytes = await tarBytes(FILES);
    expect(await contents(await write("a.tar", bytes))).toEqual(CONTENTS);
    expect(await contents(await write("a.tgz", gzipSync(bytes)))).toEqual(CONTENTS);
  });

  test("a tar that was written here, whose bytes say nothing of when and by whom", async () => {
    const written: Buffer[] = [];
    for (const name of ["w1.tar", "w2.tar"]) {
      const tar = createTarWriter(join(dir, name));
      for (const file of FILES) await tar.add(file.name, file.content);
      await tar.close();
      expect(await contents(join(dir, name))).toEqual(CONTENTS);
      written.push(await readFile(join(dir, name)));
    }
    expect(written[0]!.equals(written[1]!)).toBe(true);
  });

  test("a gz and a plain file, named as they are", async () => {
    expect(await contents(await write("x.csv.gz", gzipSync("a,b")))).toEqual({
      "x.csv": Buffer.from("a,b").toString("hex"),
    });
    expect(await contents(await write("x.csv", Buffer.from("a,b")))).toEqual({
      "x.csv": Buffer.from("a,b").toString("hex"),
    });
  });
});

test("entries may be passed over, streamed, or left early", async () => {
  for (const [name, bytes] of [
    ["skip.zip", zipBytes(FILES)],
    ["skip.tgz", gzipSync(await tarBytes(FILES))],
  ] as const) {
    const path = await write(name, bytes);
    for await (const entry of openSource(path)) {
      if (entry.name !== FILES[1]!.name) continue;
      const chunks: Buffer[] = [];
      for await (const chunk of await entry.open()) chunks.push(chunk);
      expect(Buffer.concat(chunks).equals(FILES[1]!.content)).toBe(true);
    }
    for await (const entry of openSource(path)) {
      for await (const _ of await entry.open()) break;
      break;
    }
  }
});

describe("damage is one error that names the file and the entry", () => {
  test("a zip cut off, or with a changed byte", async () => {
    const bytes = zipBytes(FILES);
    const cut = await refusal(await write("cut.zip", bytes.subarray(0, bytes.length - 300)));
    expect(cut.message).toMatch(/truncated or corrupt/);
    const at = bytes.indexOf("im10.png") + 8 + 40_000;
    bytes[at] = bytes[at]! ^ 0x55;
    const changed = await refusal(await write("changed.zip", bytes));
    expect(changed.message).toMatch(/CRC-32|invalid|too many|not enough/);
    expect(changed.field).toBe("train/angry/im10.png");
  });

  test("a gz cut off, alone and around a tar", async () => {
    const gz = gzipSync(noise(300_000));
    const alone = await refusal(await write("cut.csv.gz", gz.subarray(0, gz.length - 1000)));
    expect(alone.message).toMatch(/truncated or corrupt: unexpected end of file/);
    expect(alone.field).toBe("cut.csv");
    const tgz = gzipSync(await tarBytes(FILES));
    const around = await refusal(await write("cut.tar.gz", tgz.subarray(0, tgz.length >> 1)));
    expect(around.message).toMatch(/truncated or corrupt/);
    expect(around.field).toBe("train/angry/im10.png");
  });

  test("a tar cut off inside a file, and between two", async () => {
    const bytes = await tarBytes(FILES);
    const inside = await refusal(await write("inside.tar", bytes.subarray(0, 5000)));
    expect(inside.message).toMatch(/truncated or corrupt/);
    expect(inside.field).toBe("train/angry/im10.png");
    const between = await refusal(await write("between.tar", bytes.subarray(0, 1024)));
    expect(between.message).toMatch(/zero blocks/);
  });

  test("nothing there", async () => {
    expect((await refusal(join(dir, "absent"))).code).toBe("missing");
  });
});

describe("refused, with a word on why", () => {
  test.each([
    ["../escape.txt", /leaves its folder/],
    ["a/../../escape.txt", /leaves its folder/],
    ["/etc/escape.txt", /absolute|leaves its folder/],
    ["C:/escape.txt", /absolute|leaves its folder/],
    ["..\\escape.txt", /leaves its folder/],
  ])("the path %s", async (name, why) => {
    const member = { name, content: Buffer.from("x") };
    expect((await refusal(await write("slip.zip", zipBytes([member])))).message).toMatch(why);
    expect((await refusal(await write("slip.tar", await tarBytes([member])))).message).toMatch(why);
  });

  test("links, in a zip, a tar and a folder", async () => {
    const inZip = zipBytes([{ name: "l", content: Buffer.from("/etc/passwd"), mode: 0o120777 }]);
    expect((await refusal(await write("link.zip", inZip))).message).toMatch(/a link/);
    const inTar = await tarBytes([{ name: "l", type: "symlink", linkname: "/etc/passwd" }]);
    expect((await refusal(await write("link.tar", inTar))).message).toMatch(/a link/);
    await mkdir(join(dir, "linked"));
    await symlink("/etc/passwd", join(dir, "linked", "l"));
    expect(await refusal(join(dir, "linked"))).toMatchObject({ field: "l" });
  });

  test("devices, and encrypted entries", async () => {
    const fifo = await tarBytes([{ name: "f", type: "fifo" }]);
    expect((await refusal(await write("fifo.tar", fifo))).message).toMatch(/fifo/);
    const secret = zipBytes([{ name: "s", content: Buffer.from("x"), encrypted: true }]);
    expect((await refusal(await write("secret.zip", secret))).message).toMatch(/encrypted/);
  });

  test("bombs: a ratio no data set has", async () => {
    const zeros = Buffer.alloc(3 * 2 ** 20);
    for (const [name, bytes] of [
      ["bomb.zip", zipBytes([{ name: "z", content: zeros }])],
      ["bomb.gz", gzipSync(zeros)],
      ["bomb.tgz", gzipSync(await tarBytes([{ name: "z", content: zeros }]))],
    ] as const) {
      expect((await refusal(await write(name, bytes))).message).toMatch(/200 times/);
    }
  });

  test("bombs: entries that share one bomb's bytes", async () => {
    // Each packs to an 80th, which is allowed.
    const content = Buffer.concat([noise(12_000), Buffer.alloc(2 ** 20)]);
    const members = Array.from({ length: 4 }, (_, i) => ({ name: `${i}.bin`, content }));
    const sound = await write("apart.zip", zipBytes(members));
    expect(Object.keys(await contents(sound)).length).toBe(4);
    const path = await write("overlapping.zip", zipBytes(members, { overlapping: true }));
    expect((await refusal(path)).message).toMatch(/200 times/);
  });

  test("no end of entries: a directory that claims a billion, and folders by the thousand", async () => {
    const claims = await write("billion.zip", zipBytes(FILES, { claimed: 1_000_000_000n }));
    expect((await refusal(claims)).message).toMatch(/truncated or corrupt/);
    const members = Array.from({ length: 1000 }, (_, i) => ({ name: `${i}/`, content: Buffer.alloc(0) }));
    const folders = members.map(({ name }) => ({ name, type: "directory" as const }));
    for (const path of [
      await write("folders.zip", zipBytes(members)),
      await write("folders.tar", await tarBytes(folders)),
      await write("folders.tgz", gzipSync(await tarBytes(folders))),
    ]) {
      expect((await refusal(path, { entries: 999 })).message).toMatch(/more than 999 entries/);
    }
    for (const name of ["a", "b/c", "d"]) await mkdir(join(dir, "nested", name), { recursive: true });
    expect((await refusal(join(dir, "nested"), { entries: 3 })).message).toMatch(/more than 3 entries/);
  });

  test("more than the limits allow", async () => {
    const zip = await write("limits.zip", zipBytes(FILES));
    const tgz = await write("limits.tgz", gzipSync(await tarBytes(FILES)));
    for (const path of [zip, tgz, join(dir, "folder")]) {
      expect((await refusal(path, { entries: 2 })).message).toMatch(/more than 2 entries/);
      const large = await refusal(path, { entryBytes: 1000 });
      expect(large.message).toMatch(/a file of more than 1000 bytes/);
      expect(large.field).toBe("train/angry/im10.png");
      expect((await refusal(path, { totalBytes: 60_000 })).message).toMatch(/60000 bytes in all/);
    }
    const gz = await write("limits.gz", gzipSync(noise(5000)));
    expect((await refusal(gz, { entryBytes: 1000 })).message).toMatch(/a file of more than 1000 bytes/);
  });
});
