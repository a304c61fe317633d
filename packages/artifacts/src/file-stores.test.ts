import { createHash } from "node:crypto";
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { fileServer, sendFile } from "./file-server.test.helper.ts";
import { type FileStores, findPublished, obtainPublished, storesOf } from "./file-stores.ts";
import { silent } from "./progress.ts";
import type { PublishedFile } from "./published-file.ts";
import { temporaryFolder } from "./temporary-folder.test.helper.ts";

const CONTENT = Buffer.from("the weights");
const MD5 = createHash("md5").update(CONTENT).digest("hex");
const FILE: PublishedFile = { name: "weights.h5", urls: [], checksum: { md5: MD5 }, bytes: 11 };

async function emptyStores(change: Partial<FileStores> = {}): Promise<FileStores> {
  const dir = await temporaryFolder();
  const mirror = join(dir, "mirror");
  await mkdir(mirror);
  return {
    mirror,
    mirrorName: "FER_BENCH_WEIGHTS_DIR",
    cache: join(dir, "cache"),
    offline: false,
    ...change,
  };
}

const cachedPath = ({ cache }: FileStores) => join(cache, "files", `md5-${MD5}`, "weights.h5");

async function put(path: string, content: string | Buffer): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
}

describe("a published file", () => {
  it("comes from the package before the mirror, from there before the cache, and from there before the network", async () => {
    const stores = await emptyStores();
    const server = await fileServer((request, response) => sendFile(request, response, CONTENT));
    const file = { ...FILE, urls: [server.url()] };
    expect(await findPublished(file, stores)).toBeUndefined();
    expect(await obtainPublished(file, stores)).toEqual({ path: cachedPath(stores), from: "download" });
    expect(await obtainPublished(file, stores)).toEqual({ path: cachedPath(stores), from: "cache" });
    expect(server.ranges.length).toBe(1);
    const inMirror = join(stores.mirror!, "weights.h5");
    await put(inMirror, CONTENT);
    expect(await obtainPublished(file, stores)).toEqual({ path: inMirror, from: "mirror" });
    expect(await findPublished(file, stores)).toEqual({ path: inMirror, from: "mirror" });
    const shipped = join(dirname(stores.cache), "package");
    await put(join(shipped, "weights.h5"), CONTENT);
    expect(await obtainPublished(file, { ...stores, shipped })).toEqual({
      path: join(shipped, "weights.h5"),
      from: "package",
    });
  });

  it("is not taken from where another file has its name; that is said, and the cache is mended", async () => {
    const stores = await emptyStores();
    const server = await fileServer((request, response) => sendFile(request, response, CONTENT));
    await put(join(stores.mirror!, "weights.h5"), "other words");
    await put(cachedPath(stores), "truncated");
    const notes: string[] = [];
    const progress = { ...silent, note: (line: string) => notes.push(line) };
    const file = { ...FILE, urls: [server.url()] };
    expect(await obtainPublished(file, stores, { progress })).toMatchObject({ from: "download" });
    expect(notes).toEqual([
      expect.stringMatching(/mirror.weights\.h5 is not the published file: its checksum is md5 /),
      expect.stringMatching(/cache.*it has 9 bytes, the published file 11/),
    ]);
    expect(await readFile(cachedPath(stores))).toEqual(CONTENT);
    expect(await readFile(join(stores.mirror!, "weights.h5"), "utf8")).toBe("other words");
  });

  it("that is nowhere: which file to put where", async () => {
    const stores = await emptyStores({ offline: true });
    await expect(
      obtainPublished({ ...FILE, urls: ["https://example.org/weights.h5"] }, stores),
    ).rejects.toMatchObject({
      code: "missing",
      message: "weights.h5 is not here, and downloads are switched off.",
      file: join(stores.mirror!, "weights.h5"),
      remedy: `put weights.h5 (11 bytes, md5 ${MD5}) into ${stores.mirror}; get it from https://example.org/weights.h5`,
    });
    const withoutMirror = await emptyStores({ mirror: undefined });
    await expect(obtainPublished(FILE, withoutMirror, { howToGet: "ask its author" })).rejects.toMatchObject({
      code: "missing",
      message: "weights.h5 is not here, and it has to be put here by hand.",
      remedy: `put weights.h5 (11 bytes, md5 ${MD5}) into a folder, and set FER_BENCH_WEIGHTS_DIR to it; ask its author`,
    });
    await put(join(stores.mirror!, "weights.h5"), "too short");
    await expect(obtainPublished(FILE, stores)).rejects.toMatchObject({
      message: expect.stringContaining("is not the published file: it has 9 bytes, the published file 11."),
    });
  });

  it("that cannot be downloaded: why, and how to go without", async () => {
    const stores = await emptyStores({ mirror: undefined });
    const server = await fileServer((_, response) => response.writeHead(404).end());
    await expect(obtainPublished({ ...FILE, urls: [server.url()] }, stores)).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("404"),
      remedy: expect.stringContaining(
        `put weights.h5 (11 bytes, md5 ${MD5}) into a folder, and set FER_BENCH_WEIGHTS_DIR`,
      ),
    });
    await expect(stat(cachedPath(stores))).rejects.toMatchObject({ code: "ENOENT" });
  });
});

it("a cache that is a file is an error with a remedy", async () => {
  const stores = await emptyStores();
  await put(stores.cache, "a file");
  const server = await fileServer((request, response) => sendFile(request, response, CONTENT));
  await expect(obtainPublished({ ...FILE, urls: [server.url()] }, stores)).rejects.toMatchObject({
    code: "unavailable",
    file: cachedPath(stores),
    remedy: expect.stringContaining("name another folder"),
  });
});

it("the stores are those of the environment", () => {
  expect(storesOf("MIRROR", { env: {} })).toEqual({
    mirror: undefined,
    mirrorName: "MIRROR",
    cache: join(homedir(), ".cache", "fer-bench"),
    offline: false,
  });
  expect(
    storesOf("MIRROR", { env: { XDG_CACHE_HOME: "/x", MIRROR: "/m", FER_BENCH_OFFLINE: "1" } }),
  ).toMatchObject({
    mirror: "/m",
    cache: join("/x", "fer-bench"),
    offline: true,
  });
  expect(storesOf("MIRROR", { env: { XDG_CACHE_HOME: "/x", FER_BENCH_CACHE: "/c" } }).cache).toBe("/c");
});
