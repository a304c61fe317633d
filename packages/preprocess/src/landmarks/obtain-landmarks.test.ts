import { createHash } from "node:crypto";
import { mkdtempSync } from "node:fs";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FileStores } from "@fer-bench/artifacts";
import { expect, onTestFinished, test } from "vitest";
import { findLandmarks, findPublishedLandmarks, obtainLandmarks } from "./obtain-landmarks.ts";
import type { PublishedLandmarks } from "./published-landmarks.ts";

const CONTENT = "the landmarks of a face\n";
/** The content as bzip2 1.0.8 packs it. */
const PACKED = Buffer.from(
  "QlpoOTFBWSZTWZ6pTaIAAAvRgAAQQAAvT5wAIAAij1MTRhqFMABNFZBap6GnsU5Itxon4u5IpwoSE9UptEA=",
  "base64",
);
const sha256 = (bytes: string | Buffer) => ({ sha256: createHash("sha256").update(bytes).digest("hex") });

function emptyStores(): FileStores {
  const cache = mkdtempSync(join(tmpdir(), "fer-bench-landmarks-"));
  onTestFinished(() => rm(cache, { recursive: true, force: true }));
  return { mirrorName: "FER_BENCH_WEIGHTS_DIR", cache, offline: false };
}

async function published(
  change: Partial<PublishedLandmarks> = {},
  served = PACKED,
): Promise<PublishedLandmarks> {
  const server = createServer((_request, response) => response.end(served));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return {
    name: "test-points",
    points: 5,
    packed: { name: "test.dat.bz2", urls: [`http://127.0.0.1:${port}/`], checksum: sha256(served) },
    file: { name: "test.dat", urls: [], checksum: sha256(CONTENT), bytes: CONTENT.length },
    licence: "Only for tests.",
    restricted: false,
    ...change,
  };
}

test("they are downloaded once, unpacked, checked, and kept", async () => {
  const [stores, landmarks] = [emptyStores(), await published()];
  expect(await findLandmarks(landmarks, stores)).toBeUndefined();
  const { path, from } = await obtainLandmarks(landmarks, stores);
  expect(from).toBe("download");
  expect(await readFile(path, "utf8")).toBe(CONTENT);
  expect(await findLandmarks(landmarks, stores)).toEqual({ path, from: "cache" });
  expect(await obtainLandmarks(landmarks, { ...stores, offline: true })).toEqual({ path, from: "cache" });
  // Nothing packed or half-written stays.
  const left = (await readdir(join(stores.cache, "files"), { recursive: true })).filter((name) =>
    name.includes("test.dat"),
  );
  expect(left).toHaveLength(1);
});

test("they are taken from a folder that has them, packed or not", async () => {
  const landmarks = await published();
  for (const [name, content] of [
    ["test.dat.bz2", PACKED],
    ["test.dat", CONTENT],
  ] as const) {
    const stores = { ...emptyStores(), offline: true };
    const mirror = join(stores.cache, "mirror");
    await mkdir(mirror);
    await writeFile(join(mirror, name), content);
    const found = await obtainLandmarks(landmarks, { ...stores, mirror });
    expect(found.from).toBe("mirror");
    expect(await readFile(found.path, "utf8")).toBe(CONTENT);
    expect(await readdir(mirror)).toEqual([name]);
  }
});

test("terms of use have to be accepted before anything is downloaded", async () => {
  const [stores, landmarks] = [emptyStores(), await published({ restricted: true })];
  await expect(obtainLandmarks(landmarks, stores)).rejects.toMatchObject({
    code: "bad-config",
    message: expect.stringContaining("Only for tests."),
    remedy: expect.stringContaining("--accept-licence"),
  });
  expect(await readdir(stores.cache)).toEqual([]);
  expect((await obtainLandmarks(landmarks, stores, { acceptLicence: true })).from).toBe("download");
});

test("what unpacks to something else, or not at all, is refused and not kept", async () => {
  for (const served of [PACKED, PACKED.subarray(0, 40), Buffer.from("no archive")]) {
    const stores = emptyStores();
    const landmarks = await published({}, served);
    const other = { ...landmarks, file: { ...landmarks.file, checksum: sha256("other") } };
    await expect(obtainLandmarks(other, stores)).rejects.toMatchObject({
      code: "bad-data",
      file: expect.stringContaining("test.dat.bz2"),
    });
    expect(await findLandmarks(other, stores)).toBeUndefined();
    const files = await readdir(join(stores.cache, "files"), { recursive: true, withFileTypes: true });
    expect(files.filter((entry) => entry.isFile()).map(({ name }) => name)).toEqual(["test.dat.bz2"]);
  }
});

test("a name that nobody knows is refused with the closest", () => {
  expect(findPublishedLandmarks("dlib-68-points")).toMatchObject({ points: 68, restricted: true });
  expect(() => findPublishedLandmarks("dlib-86-points")).toThrow(
    expect.objectContaining({ code: "bad-config", remedy: 'did you mean "dlib-68-points"?' }),
  );
});
