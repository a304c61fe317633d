import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { download } from "./download.ts";
import { fileServer, sendFile } from "./file-server.test.helper.ts";
import { sha256 } from "./hash.ts";
import { temporaryFolder } from "./temporary-folder.test.helper.ts";

const CONTENT = randomBytes(100_000);
const OPTIONS = { patienceMs: 2000, retries: 1, waitMs: 1 };
/** A host that no name server knows (RFC 6761): only the proxy can lead there. */
const BEHIND = "files.invalid";
const VARIABLES = ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "no_proxy", "NO_PROXY"];

beforeEach(() => {
  for (const name of VARIABLES) vi.stubEnv(name, undefined);
});
afterEach(() => void vi.unstubAllEnvs());

/** A proxy that leads every host to `port` of this machine, by tunnel or by whole addresses. */
async function proxy(port: number): Promise<{ address: string; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url!);
    sendFile(request, response, CONTENT);
  });
  server.on("connect", (request, socket) => {
    asked.push(request.url!);
    const there = connect(port, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 Connection Established\r\n\r\n");
      there.pipe(socket).pipe(there);
    });
    for (const end of [there, socket]) end.on("error", () => there.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

const published = (url: string) => ({
  name: "set.zip",
  urls: [url],
  checksum: { sha256: sha256(CONTENT) },
});

describe("a download behind a proxy", () => {
  it.each(["HTTP_PROXY", "http_proxy"])("goes through the one that %s names", async (variable) => {
    const dir = await temporaryFolder();
    const server = await fileServer((request, response, count) =>
      sendFile(request, response, CONTENT, count === 1 ? 50_000 : undefined),
    );
    const { address, asked } = await proxy(Number(new URL(server.url()).port));
    vi.stubEnv(variable, address);
    await download(published(`http://${BEHIND}/set.zip`), join(dir, "set.zip"), OPTIONS);
    expect(CONTENT.equals(await readFile(join(dir, "set.zip")))).toBe(true);
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.every((target) => target.includes(BEHIND))).toBe(true);
  });

  it("goes past it to the hosts of NO_PROXY", async () => {
    const dir = await temporaryFolder();
    const server = await fileServer((request, response) => sendFile(request, response, CONTENT));
    const { address, asked } = await proxy(1);
    vi.stubEnv("HTTP_PROXY", address);
    vi.stubEnv("NO_PROXY", "127.0.0.1");
    await download(published(server.url()), join(dir, "set.zip"), OPTIONS);
    expect(asked).toEqual([]);
    expect(server.ranges.length).toBe(1);
  });

  it("says so where the proxy is not there, or is no address", async () => {
    const dir = await temporaryFolder();
    vi.stubEnv("HTTP_PROXY", "http://127.0.0.1:1");
    const failed = download(published(`http://${BEHIND}/set.zip`), join(dir, "set.zip"), OPTIONS);
    await expect(failed).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringMatching(/ECONNREFUSED/),
      remedy: expect.stringMatching(/HTTP_PROXY/),
    });
    vi.stubEnv("HTTP_PROXY", "not an address");
    await expect(
      download(published(`http://${BEHIND}/set.zip`), join(dir, "set.zip"), OPTIONS),
    ).rejects.toMatchObject({ code: "bad-config", field: "HTTP_PROXY" });
  });
});
