import { type FileHandle, mkdir, open, rename, rm, stat, statfs } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { explainDisk } from "./disk-error.ts";
import { FerBenchError } from "./errors.ts";
import { sha256File } from "./hash.ts";
import { type Progress, type ProgressTask, silent } from "./progress.ts";
import { type PublishedFile, problemWith } from "./published-file.ts";
import { abandonedPaths, temporaryPath } from "./temporary-name.ts";
import { openWebClient, proxyVariables, type WebAnswer, type WebClient } from "./web-client.ts";

export interface DownloadOptions {
  progress?: Progress;
  /** How long a server may say nothing before the connection is given up, in milliseconds. */
  patienceMs?: number;
  /** How often an address is asked again in a row without a byte gained. */
  retries?: number;
  /** The wait before the first such retry, in milliseconds; it doubles with each. */
  waitMs?: number;
}

const DEFAULTS = { progress: silent, patienceMs: 30_000, retries: 4, waitMs: 1000 };

/** A connection that breaks some bytes further each time has to end some day. */
const MOST_CONNECTIONS = 1000;

/**
 * Downloads a published file to `path`: from the first of its addresses that gives it, streamed, continued where a
 * connection broke (also one of an earlier run), checked by size and checksum, then renamed to `path`. Until then
 * nothing stands there, and what stood there stays where the download fails. Errors: FerBenchError ("unavailable")
 * that says of every address what was wrong. Goes through the proxy that HTTPS_PROXY or HTTP_PROXY names.
 */
export async function download(
  file: PublishedFile,
  path: string,
  options: DownloadOptions = {},
): Promise<void> {
  await fromAddresses(file, path, options, (arrived) => problemWith(file, arrived));
}

/**
 * The same for a file whose checksum nobody has published, the first time that somebody takes it: what the server gives
 * is believed, as long as all of it came, and its size and SHA-256 are given for the next time. Nothing of an earlier
 * run is gone on with, since nobody could tell whether it was of the same file.
 */
export async function downloadFirst(
  file: Pick<PublishedFile, "name" | "urls">,
  path: string,
  options: DownloadOptions = {},
): Promise<{ bytes: number; sha256: string }> {
  await rm(keptPartial(path), { force: true });
  await fromAddresses(file, path, options, undefined);
  return { bytes: (await stat(path)).size, sha256: await sha256File(path) };
}

/** What is wrong with a file that came; nothing where it is the right one. */
type Verify = (path: string) => Promise<string | undefined>;

async function fromAddresses(
  file: Source["file"],
  path: string,
  options: DownloadOptions,
  verify: Verify | undefined,
): Promise<void> {
  const partial = temporaryPath(dirname(path), basename(path));
  const failures: string[] = [];
  const client = await openWebClient();
  try {
    await mkdir(dirname(path), { recursive: true });
    await adoptPartial(path, partial);
    for (const url of file.urls) {
      const problem = await fromAddress({ ...DEFAULTS, ...options, client, file, verify, url, partial });
      if (problem === undefined) return await rename(partial, path);
      failures.push(`${url}: ${problem}.`);
    }
  } catch (error) {
    throw explainDisk(error, path, "the download");
  } finally {
    await client.close();
    await rename(partial, keptPartial(path)).catch(() => {});
  }
  throw new FerBenchError("unavailable", `${file.name} could not be downloaded. ${failures.join(" ")}`, {
    file: path,
    remedy: [...proxyVariables().map((name) => `check the proxy in ${name}`), "try again later"].join("; "),
  });
}

/** One address and what has come from it. */
interface Source extends Required<DownloadOptions> {
  readonly client: WebClient;
  readonly file: Pick<PublishedFile, "name" | "urls" | "bytes">;
  /** Absent where nothing is known of the file but what the server says. */
  readonly verify: Verify | undefined;
  readonly url: string;
  /** Where the bytes go. */
  readonly partial: string;
  task?: ProgressTask | undefined;
  /** What the server calls this version of the file, so that no two are put together. */
  version?: string | undefined;
}

/** The file's address will not give it. */
class Refusal extends Error {}

/** Asked again, the address may give it. */
class Interruption extends Error {}

/** Leaves the whole, checked file at `partial`, or says what is wrong with the address. */
async function fromAddress(source: Source): Promise<string | undefined> {
  const { verify, partial } = source;
  const continued = (await sizeOf(partial)) > 0;
  try {
    await fetchWhole(source);
    const problem = await verify?.(partial);
    if (problem === undefined) return undefined;
    await rm(partial);
    // What an earlier run or another address left may have been of another file.
    return continued ? await fromAddress(source) : problem;
  } catch (error) {
    if (error instanceof Refusal) return error.message;
    throw error;
  }
}

/** Asks until the server says that it was all, or until what came is the file, whatever the server says. */
async function fetchWhole(source: Source): Promise<void> {
  const { partial, retries, waitMs } = source;
  let inVain = 0;
  let lost = 0;
  let status = "failed";
  try {
    for (let count = 0; count < MOST_CONNECTIONS; count++) {
      const before = await sizeOf(partial);
      try {
        await fetchRest(source, before);
        status = "done";
        return;
      } catch (error) {
        if (!(error instanceof Interruption)) throw error;
        const have = await sizeOf(partial);
        inVain = have > before ? 0 : inVain + 1;
        // Or a server that takes back what it gave would be asked for the whole file again and again.
        lost = have < before ? lost + 1 : lost;
        if (inVain > retries || lost > retries) {
          if (have > 0 && (await isWhole(source))) {
            status = "done";
            return;
          }
          throw new Refusal(`${error.message} (asked ${count + 1} times)`);
        }
        if (inVain > 0) await wait(waitMs * 2 ** (inVain - 1));
      }
    }
    throw new Refusal(`the connection broke ${MOST_CONNECTIONS} times`);
  } finally {
    source.task?.end(status);
    source.task = undefined;
  }
}

/** One connection: the bytes from `have` on, or all of them where the server gives no part of a file. */
async function fetchRest(source: Source, have: number): Promise<void> {
  const { client, file, url, partial, patienceMs } = source;
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(), patienceMs);
  try {
    const headers = headersFor(have, source.version);
    const response = await client.get(url, { signal: silence.signal, headers });
    if (response.status === 416 && have > 0 && (await isWhole(source))) return;
    const start = await firstByte(response, have, partial);
    source.version = response.headers.get("etag") ?? response.headers.get("last-modified") ?? undefined;
    const total = totalBytes(response, start);
    if (file.bytes !== undefined && total !== undefined && total !== file.bytes) {
      throw new Refusal(`it offers ${total} bytes, the published file has ${file.bytes}`);
    }
    const expected = total ?? file.bytes;
    await checkSpace(partial, (expected ?? 0) - start);
    const end = await append(source, response, start, expected, () => timer.refresh());
    if (expected !== undefined && end < expected) throw new Interruption(`it stopped after ${end} bytes`);
  } catch (error) {
    if (isOurs(error)) throw error;
    const reason = silence.signal.aborted ? `it was silent for ${patienceMs / 1000} s` : reasonOf(error);
    throw reason === UNKNOWN_HOST
      ? new Refusal(`its host is not known here (${reason})`)
      : new Interruption(reason);
  } finally {
    clearTimeout(timer);
    // A connection that is of no more use: its rest is not waited for.
    silence.abort();
  }
}

/** Whether what came so far is known to be the file, whatever the server says. */
async function isWhole({ verify, partial }: Source): Promise<boolean> {
  return verify !== undefined && (await verify(partial)) === undefined;
}

function headersFor(have: number, version: string | undefined): Record<string, string> {
  return {
    // Bytes of the file, not of what it would be packed into for the way.
    "accept-encoding": "identity",
    ...(have > 0 && { range: `bytes=${have}-` }),
    ...(have > 0 && version !== undefined && { "if-range": version }),
  };
}

/** Where the answer's first byte stands in the file. */
async function firstByte(response: WebAnswer, have: number, partial: string): Promise<number> {
  const { status, statusText, headers } = response;
  if (status === 206) {
    const start = Number(/^bytes (\d+)-/.exec(headers.get("content-range") ?? "")?.[1]);
    if (start === have) return start;
    await rm(partial, { force: true });
    throw new Interruption(`asked for the bytes from ${have} on, it gives "${headers.get("content-range")}"`);
  }
  if (status === 416) {
    await rm(partial, { force: true });
    throw new Interruption(`it has no bytes from ${have} on`);
  }
  if (status === 200) {
    if (/^text\/html\b/i.test(headers.get("content-type") ?? "")) {
      throw new Refusal("it answers with a web page, not with the file");
    }
    return 0;
  }
  const answer = `it answers ${status} ${statusText}`.trimEnd();
  const mayPass = status === 408 || status === 425 || status === 429 || status >= 500;
  throw mayPass ? new Interruption(answer) : new Refusal(answer);
}

/** Bytes of the whole file by the answer's headers. */
function totalBytes({ status, headers }: WebAnswer, start: number): number | undefined {
  if ((headers.get("content-encoding") ?? "identity") !== "identity") return undefined;
  const ofRange = /\/(\d+)$/.exec(headers.get("content-range") ?? "")?.[1];
  if (status === 206 && ofRange !== undefined) return Number(ofRange);
  const length = headers.get("content-length");
  return length === null ? undefined : start + Number(length);
}

/** Writes the answer's body from `start` on; returns where it ends. */
async function append(
  source: Source,
  response: WebAnswer,
  start: number,
  expected: number | undefined,
  heard: () => void,
): Promise<number> {
  const { file, partial, progress } = source;
  const megabytes = (bytes: number) => Math.round(bytes / 1e5) / 10;
  source.task ??= progress.start(
    `download ${file.name}`,
    expected === undefined ? undefined : megabytes(expected),
    "MB",
  );
  let position = start;
  const handle = await open(partial, start === 0 ? "w" : "r+");
  try {
    for await (const chunk of response.body ?? []) {
      heard();
      if (expected !== undefined && position + chunk.length > expected) {
        throw new Refusal(`it sends more than the ${expected} bytes that the file has`);
      }
      await writeAll(handle, chunk, position);
      position += chunk.length;
      source.task.update(megabytes(position));
    }
  } finally {
    await handle.close();
  }
  return position;
}

async function writeAll(handle: FileHandle, chunk: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < chunk.length; ) {
    done += (await handle.write(chunk, done, chunk.length - done, position + done)).bytesWritten;
  }
}

async function checkSpace(partial: string, needed: number): Promise<void> {
  const { bavail, bsize } = await statfs(dirname(partial));
  const free = bavail * bsize;
  if (needed <= free) return;
  throw new FerBenchError("unavailable", `${needed} bytes are to come, the disk has ${free} left`, {
    file: dirname(partial),
    remedy: "free space on that disk and run the command again",
  });
}

/** Where an unfinished download waits to be continued. */
function keptPartial(path: string): string {
  return join(dirname(path), `.${basename(path)}.partial`);
}

/** Goes on with the longest part that an earlier run left. Renaming makes sure that only one takes it. */
async function adoptPartial(path: string, partial: string): Promise<void> {
  const left = [keptPartial(path), ...(await abandonedPaths(dirname(path), basename(path)))];
  const sized = await Promise.all(
    left.map(async (candidate) => ({ candidate, size: await sizeOf(candidate) })),
  );
  const [longest, ...others] = sized.filter(({ size }) => size > 0).sort((a, b) => b.size - a.size);
  if (longest !== undefined) await rename(longest.candidate, partial).catch(() => {});
  for (const { candidate } of others) await rm(candidate, { force: true });
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}

/** Errors of this module and of the disk; what else is thrown while a connection is open is of the network. */
function isOurs(error: unknown): boolean {
  return (
    error instanceof Refusal ||
    error instanceof Interruption ||
    error instanceof FerBenchError ||
    (error as NodeJS.ErrnoException).syscall !== undefined
  );
}

/** What a machine without internet says; asking again makes no difference. */
const UNKNOWN_HOST = "ENOTFOUND";

/** `fetch` fails with "fetch failed" or "terminated"; its cause says why. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as Error & { cause?: Error & { code?: string } };
  return cause?.code ?? cause?.message ?? message;
}
