import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { temporaryPath } from "@fer-bench/artifacts";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readTokens } from "./access.ts";
import { openArtifactFolder } from "./artifact-folder.ts";
import { type CacheServer, serveCache } from "./cache-server.ts";

const WRITE = "write-token-0123456789";
const READ = "read-token-0123456789";

let dir: string;
let server: CacheServer;

async function start(limitBytes = 10_000): Promise<void> {
  const folder = await openArtifactFolder(join(dir, "cache"), limitBytes);
  const accessOf = await readTokens(join(dir, "tokens"));
  server = await serveCache({ folder, accessOf, limitBytes, host: "127.0.0.1", port: 0 });
}

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "fer-bench-cache-"));
  await writeFile(join(dir, "tokens"), `# of a test\nwrite ${WRITE}\nread ${READ}\n`);
  await start();
});
afterEach(async () => {
  await server.close();
  await rm(dir, { recursive: true });
});

const call = (method: string, hash: string, token: string, body?: Uint8Array<ArrayBuffer>) =>
  fetch(`${server.address}/v1/cache/${hash}`, {
    method,
    headers: { authorization: `Bearer ${token}` },
    ...(body && { body }),
  });
const statusOf = async (...given: Parameters<typeof call>) => (await call(...given)).status;
const stored = () => readdir(join(dir, "cache"));

describe("a server of Nx's remote cache", () => {
  it("gives back the bytes that were stored, to whoever may read", async () => {
    const body = randomBytes(5000);
    expect(await statusOf("GET", "15489690758015933836", READ)).toBe(404);
    expect(await statusOf("PUT", "15489690758015933836", WRITE, body)).toBe(200);
    for (const token of [READ, WRITE]) {
      const response = await call("GET", "15489690758015933836", token);
      expect(response.status).toBe(200);
      expect(response.headers.get("content-type")).toBe("application/octet-stream");
      expect(Buffer.from(await response.arrayBuffer())).toEqual(body);
    }
  });

  it("replaces nothing", async () => {
    expect(await statusOf("PUT", "1", WRITE, Buffer.from("first"))).toBe(200);
    expect(await statusOf("PUT", "1", WRITE, Buffer.from("other"))).toBe(409);
    expect(await (await call("GET", "1", READ)).text()).toBe("first");
  });

  it("lets one of several uploads of a hash win, whole", async () => {
    const bodies = Array.from({ length: 8 }, (_, i) => Buffer.alloc(1000, i));
    const statuses = await Promise.all(bodies.map((body) => statusOf("PUT", "1", WRITE, body)));
    expect(statuses.toSorted()).toEqual([200, ...Array(7).fill(409)]);
    const kept = Buffer.from(await (await call("GET", "1", READ)).arrayBuffer());
    expect(kept).toEqual(bodies[statuses.indexOf(200)]);
    expect(await stored()).toEqual(["1"]);
  });

  it("takes nothing from those who may only read, and tells strangers nothing", async () => {
    expect(await statusOf("PUT", "1", READ, Buffer.from("x"))).toBe(403);
    for (const token of ["", "wrong-token-0123456789", `${WRITE}x`, WRITE.slice(1)]) {
      expect(await statusOf("GET", "1", token)).toBe(401);
      expect(await statusOf("PUT", "1", token, Buffer.from("x"))).toBe(401);
    }
    expect((await fetch(`${server.address}/v1/cache/1`)).status).toBe(401);
    expect(await stored()).toEqual([]);
  });

  it("knows no names but hashes", async () => {
    await writeFile(join(dir, "secret"), "x");
    for (const name of ["..%2Fsecret", "%2e%2e/secret", ".", "a.b", "x".repeat(129), ""]) {
      expect(await statusOf("GET", name, WRITE)).toBe(404);
      expect(await statusOf("PUT", name, WRITE, Buffer.from("x"))).toBe(404);
    }
    expect(await statusOf("DELETE", "1", WRITE)).toBe(405);
  });

  it("wants to know an upload's length, and refuses one that is longer than the cache", async () => {
    const { port } = new URL(server.address);
    const chunked = await new Promise<number | undefined>((resolve, reject) => {
      const headers = { authorization: `Bearer ${WRITE}`, "transfer-encoding": "chunked" };
      const upload = request({ port, path: "/v1/cache/1", method: "PUT", headers }, (response) =>
        resolve(response.resume().statusCode),
      );
      upload.on("error", reject).end("data");
    });
    expect(chunked).toBe(411);
    expect(await statusOf("PUT", "1", WRITE, Buffer.alloc(10_001))).toBe(413);
    expect(await stored()).toEqual([]);
  });

  it("keeps nothing of an upload that breaks off", async () => {
    const socket = connect(Number(new URL(server.address).port), "127.0.0.1");
    socket.write(
      `PUT /v1/cache/1 HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${WRITE}\r\ncontent-length: 100\r\n\r\nhalf`,
    );
    await expect.poll(stored).toHaveLength(1);
    expect(await statusOf("GET", "1", READ)).toBe(404);
    socket.destroy();
    await expect.poll(stored).toEqual([]);
  });

  it("drops what was used longest ago where there is too much, also what it finds at its start", async () => {
    const put = (hash: string) => statusOf("PUT", hash, WRITE, Buffer.alloc(3000));
    for (const [hash, age] of [
      ["a", 30],
      ["b", 20],
      ["c", 10],
    ] as const) {
      expect(await put(hash)).toBe(200);
      const then = Date.now() / 1000 - age;
      await utimes(join(dir, "cache", hash), then, then);
    }
    expect(await statusOf("GET", "a", READ)).toBe(200);
    expect(await put("d")).toBe(200);
    expect(await stored()).toEqual(["a", "c", "d"]);
    await server.close();
    await start(6500);
    expect(await stored()).toEqual(["a", "d"]);
  });

  it("removes at its start what a server that was killed left unfinished", async () => {
    await server.close();
    const folder = join(dir, "cache");
    // Of a process that is no more: no machine has so many.
    const left = temporaryPath(folder, "upload").replace(`-${process.pid}-`, "-999999999-");
    await writeFile(left, "half");
    await start();
    expect(await stored()).toEqual([]);
  });
});

describe("a file of tokens", () => {
  it("is made where there is none, for its owner alone", async () => {
    const file = join(dir, "new");
    const accessOf = await readTokens(file);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const lines = (await readFile(file, "utf8")).trim().split("\n");
    expect(lines.map((line) => accessOf(line.split(" ")[1]!))).toEqual(["write", "read"]);
    expect(lines.join()).toBe((await readFile(file, "utf8")).trim().split("\n").join());
  });

  it("says which line is wrong", async () => {
    await writeFile(join(dir, "wrong"), `read ${READ}\nwrite short\n`);
    await expect(readTokens(join(dir, "wrong"))).rejects.toMatchObject({
      code: "bad-config",
      field: "line 2",
    });
  });
});
