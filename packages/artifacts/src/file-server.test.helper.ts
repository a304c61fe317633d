import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

export interface FileServer {
  /** The address of a path on it. */
  url(path?: string): string;
  /** The Range header of every request so far; undefined for one without. */
  readonly ranges: (string | undefined)[];
}

/** A server on this machine that answers as told, until the test is over. */
export async function fileServer(
  answer: (request: IncomingMessage, response: ServerResponse, count: number) => void,
): Promise<FileServer> {
  const ranges: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    ranges.push(request.headers.range);
    answer(request, response, ranges.length);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return { url: (path = "/file") => `http://127.0.0.1:${port}${path}`, ranges };
}

/** Sends the bytes that were asked for, as a sound server does; `until` breaks the connection there. */
export function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  bytes: Uint8Array,
  until = bytes.length,
): void {
  const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
  if (start > 0 && start >= bytes.length) {
    response.writeHead(416, { "content-range": `bytes */${bytes.length}` }).end();
    return;
  }
  response.writeHead(start > 0 ? 206 : 200, {
    "content-length": bytes.length - start,
    etag: '"1"',
    ...(start > 0 && { "content-range": `bytes ${start}-${bytes.length - 1}/${bytes.length}` }),
  });
  if (until >= bytes.length) {
    response.end(bytes.subarray(start));
    return;
  }
  response.flushHeaders();
  if (until > start) response.write(bytes.subarray(start, until));
  // Not at once: what is still on its way would be lost with the connection.
  setTimeout(() => response.destroy(), 20);
}
