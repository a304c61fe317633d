import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import { pack } from "tar-stream";
import { afterEach, describe, expect, it } from "vitest";

const load = (file: string) => import(new URL(file, import.meta.url).href);
const { guardCache } = await load("./cache-guard.mjs");

let server: Server;
let guard: { address: string; close(): Promise<void> };
let warnings: string[];
let requests: string[];

async function start(listener: RequestListener, options: Record<string, unknown> = {}): Promise<void> {
  requests = [];
  warnings = [];
  server = createServer((incoming, outgoing) => {
    requests.push(`${incoming.method} ${incoming.url} ${incoming.headers.authorization}`);
    listener(incoming, outgoing);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  guard = await guardCache({
    server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    mayLeave: (path: string) => !path.includes("licensed"),
    warn: (text: string) => warnings.push(text),
    patienceMs: 300,
    ...options,
  });
}
afterEach(async () => {
  await guard.close();
  server.closeAllConnections();
  server.close();
});

/** An artifact as Nx packs it: files, what the task printed, its status. */
async function artifact(...paths: string[]): Promise<Buffer<ArrayBuffer>> {
  const archive = pack();
  for (const name of [...paths, "terminalOutput", "code"]) archive.entry({ name }, `of ${name}`);
  archive.finalize();
  return gzipSync(await buffer(archive));
}

const get = () => fetch(`${guard.address}/v1/cache/1`, { headers: { authorization: "Bearer t" } });
const put = async (body: Uint8Array<ArrayBuffer>) =>
  (
    await fetch(`${guard.address}/v1/cache/1`, {
      method: "PUT",
      body,
      headers: { authorization: "Bearer t" },
    })
  ).status;

describe("the guard before a shared cache", () => {
  it("passes on what the cache has, and what it is given, with the token", async () => {
    let kept: Buffer | undefined;
    await start(async (incoming, outgoing) => {
      if (incoming.method === "PUT") kept = await buffer(incoming);
      outgoing.writeHead(kept ? 200 : 404).end(incoming.method === "GET" ? kept : undefined);
    });
    const body = await artifact("artifacts/a");
    expect((await get()).status).toBe(404);
    expect(await put(body)).toBe(200);
    expect(kept).toEqual(body);
    expect(Buffer.from(await (await get()).arrayBuffer())).toEqual(body);
    expect(requests).toEqual(["GET", "PUT", "GET"].map((method) => `${method} /v1/cache/1 Bearer t`));
    expect(warnings).toEqual([]);
  });

  it("sends nothing of what may not leave", async () => {
    await start((_, outgoing) => outgoing.writeHead(200).end());
    expect(await put(await artifact("artifacts/a", "artifacts/licensed/faces.npy"))).toBe(403);
    expect(requests).toEqual([]);
    expect(warnings).toEqual([]);
  });

  it.each<[string, RequestListener]>([
    ["answers 500", (_, outgoing) => outgoing.writeHead(500).end()],
    [
      "breaks off",
      (_, outgoing) =>
        outgoing.writeHead(200, { "content-length": 999 }).write("x", () => outgoing.destroy()),
    ],
    ["says nothing", () => {}],
    [
      "falls silent in the middle",
      (_, outgoing) => outgoing.writeHead(200, { "content-length": 999 }).write("x"),
    ],
    ["is gone", (_, outgoing) => outgoing.socket?.destroy()],
  ])("takes a cache that %s for an empty one, says so once, and leaves it alone", async (_, listener) => {
    await start(listener);
    expect((await get()).status).toBe(404);
    expect((await get()).status).toBe(404);
    expect(await put(await artifact("artifacts/a"))).toBe(200);
    expect(requests).toHaveLength(1);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/^the shared cache at http.* is out of order \(.+\): going on without it$/);
  });

  it("asks again after a rest", async () => {
    let broken = true;
    await start((_, outgoing) => outgoing.writeHead(broken ? 503 : 404).end(), { restMs: 0 });
    expect((await get()).status).toBe(404);
    broken = false;
    expect((await get()).status).toBe(404);
    expect(requests).toHaveLength(2);
    expect(warnings).toHaveLength(1);
  });

  it.each([
    ["is no archive", async () => Buffer.from("rubbish")],
    ["is cut off", async () => (await artifact("artifacts/a")).subarray(0, -20)],
    ["has no status", async () => gzipSync(Buffer.alloc(1024))],
  ])("does not hand on an artifact that %s", async (_, make) => {
    const body = await make();
    await start((_, outgoing) => outgoing.writeHead(200).end(body));
    expect((await get()).status).toBe(404);
    expect(warnings).toHaveLength(1);
  });

  it("says so where it may not read, and goes on", async () => {
    await start((_, outgoing) => outgoing.writeHead(401).end());
    expect((await get()).status).toBe(404);
    expect(await put(await artifact("artifacts/a"))).toBe(200);
    expect(warnings).toEqual([
      expect.stringMatching(/refuses to be read: status 401$/),
      expect.stringMatching(/does not know the token: nothing is stored there$/),
    ]);
  });
});
