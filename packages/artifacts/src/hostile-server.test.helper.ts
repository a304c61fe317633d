import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { createRandom, type Random, randomInt } from "./random.ts";

/** What a server does to one request. */
export interface Fault {
  readonly name: keyof typeof FAULTS;
  /** Decides where it strikes. */
  readonly seed: number;
}

interface Case {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly content: Buffer;
  readonly random: Random;
  /** The first byte asked for. */
  readonly start: number;
  /** Stops the server for good. */
  die(): void;
}

/** After these an honest answer to a later request still gives the file. */
const PASSING = {
  "breaks at a random byte": ({ response, content, start, random }: Case) => {
    head(response, start, content.length);
    const until = between(random, start, content.length);
    response.write(content.subarray(start, until), () => response.destroy());
  },
  "gives a range that was not asked for": ({ response, content, start, random }: Case) => {
    const other = between(random, 1, content.length);
    if (start === 0 || other === start) return honest(response, content, start);
    honest(response, content, other);
  },
  "gives no ranges": ({ response, content }: Case) => honest(response, content, 0),
  "is overloaded": ({ response }: Case) => response.writeHead(503).end("try later"),
  "asks for patience": ({ response }: Case) => response.writeHead(429, { "retry-after": "0" }).end(),
  "says that there is nothing more": ({ response }: Case) => response.writeHead(416).end(),
  "closes the door": ({ request }: Case) => request.socket.destroy(),
  "is slow": async ({ response, content, start, random }: Case) => {
    head(response, start, content.length);
    for (let at = start; at < content.length; ) {
      const next = Math.min(content.length, at + between(random, 2000, 20_000));
      response.write(content.subarray(at, next));
      at = next;
      await wait(2);
    }
    response.end();
  },
  "falls silent": ({ response, content, start, random }: Case) => {
    head(response, start, content.length);
    response.write(content.subarray(start, between(random, start, content.length)));
  },
} satisfies Record<string, (of: Case) => unknown>;

/** These may cost the address, as what it gives is not the file. */
const LASTING = {
  "promises more than it has": ({ response, content, start, random }: Case) => {
    head(response, start, content.length, { extra: between(random, 1, 500) });
    response.write(content.subarray(start), () => response.destroy());
  },
  "promises less than it has": ({ response, content, start, random }: Case) => {
    const end = between(random, start, content.length);
    response.writeHead(200, { "content-length": end }).end(content.subarray(0, end));
  },
  "lies about the range": ({ response, content, start, random }: Case) => {
    head(response, start, content.length);
    const other = randomInt(random, content.length - start + 1);
    response.end(content.subarray(other, other + content.length - start));
  },
  "sends too much": ({ response, content }: Case) => {
    response.writeHead(200).end(Buffer.concat([content, content]));
  },
  "sends too little, without a word of the length": ({ response, content, random }: Case) => {
    response.writeHead(200).end(content.subarray(0, randomInt(random, content.length)));
  },
  "answers with a web page": ({ response }: Case) => {
    response
      .writeHead(200, { "content-type": "text/html; charset=utf-8" })
      .end("<html>Please sign in</html>");
  },
  "answers with a web page that it calls data": ({ response }: Case) => {
    response.writeHead(200, { "content-type": "application/zip" }).end("<html>Please sign in</html>");
  },
  "gives another file": ({ response, content, start }: Case) => {
    honest(response, Buffer.from(content.map((byte) => byte ^ 1)), start);
  },
  "flips a bit": ({ response, content, start, random }: Case) => {
    const copy = Buffer.from(content);
    copy[randomInt(random, copy.length)]! ^= 1;
    honest(response, copy, start);
  },
  "packs it, though asked not to": ({ response, content }: Case) => {
    response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(content));
  },
  "says that it is gone": ({ response }: Case) => response.writeHead(404).end("gone"),
  "sends elsewhere, to nothing": ({ response }: Case) => {
    response.writeHead(302, { location: "http://127.0.0.1:1/" }).end();
  },
  "sends round in circles": ({ request, response }: Case) => {
    response.writeHead(302, { location: request.url! }).end();
  },
  dies: ({ die }: Case) => die(),
  "dies in the middle": ({ response, content, start, random, die }: Case) => {
    head(response, start, content.length);
    response.write(content.subarray(start, between(random, start, content.length)), die);
  },
} satisfies Record<string, (of: Case) => unknown>;

const FAULTS = { ...PASSING, ...LASTING };

export const PASSING_FAULTS = Object.keys(PASSING) as (keyof typeof PASSING)[];
export const ALL_FAULTS = Object.keys(FAULTS) as Fault["name"][];

/** A server that commits `faults` in turn, a request each, and is honest from then on. */
export async function hostileServer(
  content: Buffer,
  faults: readonly Fault[],
): Promise<{ url: string; close(): void }> {
  let count = 0;
  const server = createServer((request, response) => {
    response.on("error", () => {});
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
    const fault = faults[count++];
    if (fault === undefined) return honest(response, content, start);
    const random = createRandom("fault", fault.seed);
    // Past its end no honest part is left to spoil.
    if (start >= content.length) return honest(response, content, start);
    FAULTS[fault.name]({ request, response, content, start, random, die: close });
  });
  const close = (): void => {
    server.close();
    server.closeAllConnections();
  };
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/file`, close };
}

/** From `low` up, below `high`; `low` where there is nothing between. */
function between(random: Random, low: number, high: number): number {
  return low + randomInt(random, Math.max(1, high - low));
}

function head(response: ServerResponse, start: number, length: number, { extra = 0 } = {}): void {
  response.writeHead(start > 0 ? 206 : 200, {
    "content-length": length - start + extra,
    ...(start > 0 && { "content-range": `bytes ${start}-${length + extra - 1}/${length + extra}` }),
  });
  response.flushHeaders();
}

function honest(response: ServerResponse, content: Buffer, start: number): void {
  if (start >= content.length) {
    response.writeHead(416, { "content-range": `bytes */${content.length}` }).end();
    return;
  }
  head(response, start, content.length);
  response.end(content.subarray(start));
}
