/*
 * Stands between Nx and a shared cache, on this machine. Nx 23 fails a run whose remote cache answers with anything but
 * success or "not found", or not at all; behind the guard, a cache that is out of order is one that has nothing. And Nx
 * uploads whatever a task made; the guard holds back what may not leave the machine.
 */
import { createReadStream, createWriteStream } from "node:fs";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { extract } from "tar-stream";

/** The server may be silent for so long. */
const PATIENCE_MS = 15_000;
/** After a failure it is left alone for so long: an outage costs its patience once, not with every task. */
const REST_MS = 60_000;

/**
 * Serves, on an address of this machine's own, what the cache at `server` has. `mayLeave` is asked of every file of an
 * upload, by its path in the workspace. What goes wrong is told once, to `warn`.
 */
export async function guardCache({ server, mayLeave, warn, patienceMs = PATIENCE_MS, restMs = REST_MS }) {
  const folder = await mkdtemp(join(tmpdir(), "fer-bench-cache-"));
  const told = new Set();
  const once = (text) => {
    if (!told.has(text)) warn(text);
    told.add(text);
  };
  let restsUntil = 0;
  let count = 0;

  /** What the cache answers; undefined where it is out of order. */
  async function ask(incoming, body, use) {
    if (Date.now() < restsUntil) return undefined;
    const patience = patienceOf(patienceMs);
    try {
      const response = await fetch(new URL(incoming.url, server), {
        method: incoming.method,
        headers: headersFor(incoming, body?.bytes),
        signal: patience.signal,
        redirect: "error",
        ...(body && {
          body: Readable.toWeb(createReadStream(body.file)).pipeThrough(patience.watch()),
          duplex: "half",
        }),
      });
      return await use(response, patience);
    } catch (error) {
      restsUntil = Date.now() + restMs;
      const reason = error.cause?.code ?? error.cause?.message ?? error.message;
      once(`the shared cache at ${server} is out of order (${reason}): going on without it`);
      return undefined;
    } finally {
      patience.end();
    }
  }

  async function download(incoming, outgoing, file) {
    const found = await ask(incoming, undefined, async (response, patience) => {
      if (response.status !== 200) {
        await response.body?.cancel();
        if (response.status >= 500) throw new Error(`status ${response.status}`);
        if (response.status !== 404)
          once(`the shared cache at ${server} refuses to be read: status ${response.status}`);
        return false;
      }
      await pipeline(Readable.fromWeb(response.body.pipeThrough(patience.watch())), createWriteStream(file));
      return true;
    });
    if (!found) return end(outgoing, 404);
    await readEntries(file);
    outgoing.writeHead(200, {
      "content-type": "application/octet-stream",
      "content-length": (await stat(file)).size,
    });
    await pipeline(createReadStream(file), outgoing);
  }

  async function upload(incoming, outgoing, file) {
    await pipeline(incoming, createWriteStream(file));
    const kept = (await readEntries(file)).find((path) => !mayLeave(path));
    // Nx takes 403 for a cache that it may only read, and goes on.
    if (kept !== undefined) return end(outgoing, 403);
    const { size: bytes } = await stat(file);
    await ask(incoming, { file, bytes }, async ({ status, body }) => {
      await body?.cancel();
      if (status >= 500) throw new Error(`status ${status}`);
      if (status === 401)
        once(`the shared cache at ${server} does not know the token: nothing is stored there`);
    });
    end(outgoing, 200);
  }

  const guard = createServer((incoming, outgoing) => {
    const file = join(folder, String(count++));
    const serve = incoming.method === "PUT" ? upload : download;
    serve(incoming, outgoing, file)
      .catch((error) => {
        once(`the shared cache cannot be used: ${error.message}`);
        if (outgoing.headersSent) outgoing.destroy();
        else end(outgoing, incoming.method === "PUT" ? 403 : 404);
      })
      .finally(() => rm(file, { force: true }));
  });
  await new Promise((resolve, reject) => guard.once("error", reject).listen(0, "127.0.0.1", resolve));
  guard.unref();
  return {
    address: `http://127.0.0.1:${guard.address().port}`,
    close: async () => {
      guard.close();
      guard.closeAllConnections();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The paths of the files in a packed artifact. Throws where it is not whole. */
async function readEntries(file) {
  const paths = [];
  // Nx writes the headers of its own two files in the oldest format, which has no mark.
  const entries = extract({ allowUnknownFormat: true });
  entries.on("entry", ({ name, type }, content, next) => {
    if (type !== "directory") paths.push(name);
    content.on("end", next).resume();
  });
  await pipeline(createReadStream(file), createGunzip(), entries);
  if (!paths.includes("code")) throw new Error("an artifact without its task's status");
  return paths;
}

/** A signal that aborts where nothing has come through a watched stream for so long. */
function patienceOf(ms) {
  const controller = new AbortController();
  const giveUp = () => controller.abort(new Error(`no answer within ${ms / 1000} s`));
  let timer = setTimeout(giveUp, ms);
  const end = () => clearTimeout(timer);
  const moved = () => {
    end();
    timer = setTimeout(giveUp, ms);
  };
  const watch = () =>
    new TransformStream({
      transform(chunk, stream) {
        moved();
        stream.enqueue(chunk);
      },
    });
  return { signal: controller.signal, watch, end };
}

function headersFor({ headers: { authorization } }, bytes) {
  return {
    ...(authorization && { authorization }),
    "content-type": "application/octet-stream",
    ...(bytes !== undefined && { "content-length": String(bytes) }),
  };
}

function end(outgoing, status) {
  outgoing.writeHead(status).end();
}
