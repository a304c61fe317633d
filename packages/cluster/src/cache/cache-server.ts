import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { pipeline } from "node:stream/promises";
import { FerBenchError } from "@fer-bench/artifacts";
import type { AccessOf } from "./access.ts";
import { type ArtifactFolder, isHash } from "./artifact-folder.ts";

/*
 * A server of Nx's remote cache, by the OpenAPI description at https://nx.dev/docs/guides/tasks--caching/self-hosted-caching:
 * GET and PUT /v1/cache/{hash} with a bearer token. Beyond it: 411 where an upload does not say its length, 413 where it
 * is longer than all that may be kept, 400 where it broke off.
 */

export interface CacheServerRequest {
  readonly folder: ArtifactFolder;
  readonly accessOf: AccessOf;
  /** The longest upload that is taken. */
  readonly limitBytes: number;
  readonly host: string;
  /** 0 for one that is free. */
  readonly port: number;
}

export interface CacheServer {
  /** What NX_SELF_HOSTED_REMOTE_CACHE_SERVER is set to. */
  readonly address: string;
  /** Takes no more requests, and ends when those under way have. */
  close(): Promise<void>;
}

/** Errors: `unavailable` where the address is taken. */
export async function serveCache(request: CacheServerRequest): Promise<CacheServer> {
  const server = createServer((incoming, outgoing) => {
    answer(request, incoming, outgoing).catch((error: NodeJS.ErrnoException) => {
      // The other side has gone, and hears nothing.
      if (outgoing.headersSent || incoming.destroyed) outgoing.destroy();
      else end(outgoing, error.code === "ENOSPC" ? 507 : 500, "the cache's folder cannot be used");
    });
  });
  await listen(server, request);
  const { address, family, port } = server.address() as AddressInfo;
  return {
    address: `http://${family === "IPv6" ? `[${address}]` : address}:${port}`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function listen(server: Server, { host, port }: CacheServerRequest): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause) =>
      reject(
        new FerBenchError("unavailable", `the cache cannot be served at ${host}:${port}: ${cause.message}`, {
          remedy: "choose another --host or --port",
          cause,
        }),
      ),
    );
    server.listen(port, host, resolve);
  });
}

async function answer(
  { folder, accessOf, limitBytes }: CacheServerRequest,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const [, token = ""] = /^Bearer (\S+)$/i.exec(incoming.headers.authorization ?? "") ?? [];
  const access = accessOf(token);
  if (access === undefined) return end(outgoing, 401, "a token of this cache is needed");
  const [, hash = ""] = /^\/v1\/cache\/([^/?#]*)$/.exec(incoming.url ?? "") ?? [];
  if (!isHash(hash)) return end(outgoing, 404, "there is nothing here");
  switch (incoming.method) {
    case "GET":
      return send(folder, hash, outgoing);
    case "PUT":
      if (access === "read") return end(outgoing, 403, "this token may read, and write nothing");
      return receive(folder, hash, limitBytes, incoming, outgoing);
    default:
      return end(outgoing, 405, "GET or PUT");
  }
}

async function send(folder: ArtifactFolder, hash: string, outgoing: ServerResponse): Promise<void> {
  const found = await folder.open(hash);
  if (found === undefined) return end(outgoing, 404, "there is no such artifact");
  const headers = { "content-type": "application/octet-stream", "content-length": found.bytes };
  await pipeline(found.file.createReadStream(), outgoing.writeHead(200, headers));
}

async function receive(
  folder: ArtifactFolder,
  hash: string,
  limitBytes: number,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const length = incoming.headers["content-length"];
  if (length === undefined) return end(outgoing, 411, "Content-Length is missing");
  const bytes = Number(length);
  if (bytes > limitBytes)
    return end(outgoing, 413, `longer than the ${limitBytes} bytes that this cache holds`);
  if (await folder.has(hash)) return end(outgoing, 409, "this artifact exists, and is not replaced");
  switch (await folder.store(hash, incoming, bytes)) {
    case "stored":
      return end(outgoing, 200, "stored");
    case "exists":
      return end(outgoing, 409, "this artifact exists, and is not replaced");
    case "incomplete":
      return end(outgoing, 400, "the upload is not as long as it said");
  }
}

/** An answer in words. Node reads and drops what was not read of the request, so that the other side hears it. */
function end(outgoing: ServerResponse, status: number, words: string): void {
  // But neither a stranger's uploads nor endless ones.
  const close = status === 401 || status === 413 ? { connection: "close" } : {};
  outgoing.writeHead(status, { "content-type": "text/plain; charset=utf-8", ...close }).end(`${words}\n`);
}
