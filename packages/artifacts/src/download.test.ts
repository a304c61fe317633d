import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { download, downloadFirst } from "./download.ts";
import { fileServer, sendFile } from "./file-server.test.helper.ts";
import { sha256 } from "./hash.ts";
import type { Progress } from "./progress.ts";
import type { PublishedFile } from "./published-file.ts";
import { temporaryFolder } from "./temporary-folder.test.helper.ts";
import { temporaryPath } from "./temporary-name.ts";

const CONTENT = randomBytes(300_000);
const OPTIONS = { patienceMs: 2000, retries: 2, waitMs: 1 };
/** For servers that say nothing. */
const IMPATIENT = { ...OPTIONS, patienceMs: 200 };

const published = (urls: string[], extra: Partial<PublishedFile> = {}): PublishedFile => ({
  name: "weights.h5",
  urls,
  checksum: { sha256: sha256(CONTENT) },
  ...extra,
});

const refused = (words: RegExp) =>
  expect.objectContaining({ code: "unavailable", message: expect.stringMatching(words) });

async function expectWhole(path: string): Promise<void> {
  expect(sha256(await readFile(path))).toBe(sha256(CONTENT));
}

/** The finished files of a folder. */
async function filesIn(dir: string): Promise<string[]> {
  return (await readdir(dir)).filter((name) => !name.startsWith("."));
}

describe("a download", () => {
  it("is the file, and nothing else stays", async () => {
    const dir = await temporaryFolder();
    const server = await fileServer((request, response) => sendFile(request, response, CONTENT));
    await download(
      published([server.url()], { bytes: CONTENT.length }),
      join(dir, "a", "weights.h5"),
      OPTIONS,
    );
    await expectWhole(join(dir, "a", "weights.h5"));
    expect(await readdir(join(dir, "a"))).toEqual(["weights.h5"]);
  });

  it("goes on where the connection broke, at whatever bytes", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.integer({ min: 1, max: CONTENT.length - 1 }), { minLength: 1, maxLength: 6 }),
        async (breaks) => {
          const dir = await temporaryFolder();
          const until = breaks.sort((a, b) => a - b);
          const server = await fileServer((request, response) => {
            const start = Number(/\d+/.exec(request.headers.range ?? "0")![0]);
            sendFile(
              request,
              response,
              CONTENT,
              until.find((end) => end > start),
            );
          });
          // A busy machine may lose the last bytes with the connection, and is asked for them again.
          const patient = { ...OPTIONS, retries: 50 };
          await download(published([server.url()]), join(dir, "weights.h5"), patient);
          await expectWhole(join(dir, "weights.h5"));
          expect(server.ranges.length).toBeGreaterThan(until.length);
          expect(server.ranges.at(-1)).toMatch(/^bytes=\d+-$/);
          expect(await readdir(dir)).toEqual(["weights.h5"]);
        },
      ),
      { numRuns: 20, seed: 7 },
    );
  });

  it("starts anew where the server gives no parts, and where it gives the wrong ones", async () => {
    const dir = await temporaryFolder();
    const withoutRanges = await fileServer((request, response, count) => {
      delete request.headers.range;
      sendFile(request, response, CONTENT, count === 1 ? 1000 : undefined);
    });
    await download(published([withoutRanges.url()]), join(dir, "a.h5"), OPTIONS);
    const wrongRange = await fileServer((request, response, count) => {
      if (count === 1) return sendFile(request, response, CONTENT, 1000);
      if (request.headers.range !== undefined) request.headers.range = "bytes=500-";
      sendFile(request, response, CONTENT);
    });
    await download(published([wrongRange.url()]), join(dir, "b.h5"), OPTIONS);
    for (const name of ["a.h5", "b.h5"]) await expectWhole(join(dir, name));
    expect(wrongRange.ranges).toEqual([undefined, "bytes=1000-", undefined]);
  });

  it("asks again after 503 and after silence", async () => {
    const dir = await temporaryFolder();
    const server = await fileServer((request, response, count) => {
      if (count === 1) response.writeHead(503).end();
      else if (count === 2) response.writeHead(200, { "content-length": CONTENT.length }).flushHeaders();
      else sendFile(request, response, CONTENT);
    });
    await download(published([server.url()]), join(dir, "weights.h5"), { ...OPTIONS, patienceMs: 1000 });
    await expectWhole(join(dir, "weights.h5"));
    expect(server.ranges.length).toBe(3);
  });

  it("waits for a slow server as long as bytes come", async () => {
    const dir = await temporaryFolder();
    const server = await fileServer((_, response) => {
      response.writeHead(200, { "content-length": CONTENT.length });
      let sent = 0;
      const timer = setInterval(() => {
        response.write(CONTENT.subarray(sent, sent + CONTENT.length / 10));
        sent += CONTENT.length / 10;
        if (sent >= CONTENT.length) {
          clearInterval(timer);
          response.end();
        }
      }, 250);
    });
    await download(published([server.url()]), join(dir, "weights.h5"), OPTIONS);
    await expectWhole(join(dir, "weights.h5"));
  });

  it("takes the next address where one does not give the file", async () => {
    const dir = await temporaryFolder();
    const server = await fileServer((request, response) => {
      if (request.url === "/gone") response.writeHead(404).end();
      else if (request.url === "/other") sendFile(request, response, randomBytes(300_000));
      else sendFile(request, response, CONTENT);
    });
    const urls = ["/gone", "/other", "/here"].map((path) => server.url(path));
    await download(published(urls), join(dir, "weights.h5"), OPTIONS);
    await expectWhole(join(dir, "weights.h5"));
  });

  it("goes on with what an earlier run left, and starts anew where that was of another file", async () => {
    const dir = await temporaryFolder();
    let broken = true;
    const server = await fileServer((request, response, count) => {
      if (broken && count > 1) response.writeHead(500).end();
      else sendFile(request, response, CONTENT, broken ? 200_000 : undefined);
    });
    const path = join(dir, "weights.h5");
    await expect(download(published([server.url()]), path, OPTIONS)).rejects.toEqual(refused(/500/));
    expect(await filesIn(dir)).toEqual([]);
    broken = false;
    server.ranges.length = 0;
    await download(published([server.url()]), path, OPTIONS);
    expect(server.ranges).toEqual(["bytes=200000-"]);
    await expectWhole(path);
    expect(await readdir(dir)).toEqual(["weights.h5"]);

    const { pid } = spawnSync(process.execPath, ["--version"]);
    const ofDeadProcess = temporaryPath(dir, "weights.h5").replace(`-${process.pid}-`, `-${pid}-`);
    await writeFile(ofDeadProcess, CONTENT.subarray(0, 100_000));
    server.ranges.length = 0;
    await download(published([server.url()]), path, OPTIONS);
    expect(server.ranges).toEqual(["bytes=100000-"]);
    await expectWhole(path);

    for (const left of [randomBytes(5000), randomBytes(CONTENT.length), randomBytes(CONTENT.length + 9)]) {
      await writeFile(join(dir, ".weights.h5.partial"), left);
      await download(published([server.url()]), path, OPTIONS);
      await expectWhole(path);
      expect(await readdir(dir)).toEqual(["weights.h5"]);
    }
  });

  it("tells how far it is", async () => {
    const dir = await temporaryFolder();
    const server = await fileServer((request, response, count) =>
      sendFile(request, response, CONTENT, count === 1 ? 100_000 : undefined),
    );
    const said: unknown[] = [];
    const progress: Progress = {
      start(...task) {
        said.push(task);
        return { update: (done) => said.push(done), end: (status) => said.push(status) };
      },
      note() {},
    };
    await download(published([server.url()]), join(dir, "weights.h5"), { ...OPTIONS, progress });
    expect(said[0]).toEqual(["download weights.h5", 0.3, "MB"]);
    expect(said.slice(-2)).toEqual([0.3, "done"]);
  });
});

describe("a server that does not give the file", () => {
  type Answer = Parameters<typeof fileServer>[0];
  const cases: [string, Answer, RegExp, Partial<PublishedFile>?][] = [
    ["404", (_, response) => response.writeHead(404).end(), /it answers 404 Not Found/],
    [
      "503 for ever",
      (_, response) => response.writeHead(503).end(),
      /503 Service Unavailable \(asked 3 times\)/,
    ],
    [
      "a web page",
      (_, response) => response.writeHead(200, { "content-type": "text/html" }).end("<html>Sign in</html>"),
      /a web page/,
    ],
    [
      "other bytes",
      (request, response) => sendFile(request, response, randomBytes(300_000)),
      /checksum is sha256/,
    ],
    [
      "too few bytes",
      (request, response) => sendFile(request, response, CONTENT.subarray(1)),
      /offers 299999 bytes, the published file has 300000/,
      { bytes: CONTENT.length },
    ],
    [
      "more bytes than it said",
      (_, response) => {
        response.writeHead(200);
        response.end(Buffer.concat([CONTENT, CONTENT]));
      },
      /more than the 300000 bytes/,
      { bytes: CONTENT.length },
    ],
    [
      "part of it and no word of the length",
      (_, response) => response.writeHead(200).end(CONTENT.subarray(0, 1000)),
      /checksum is sha256/,
    ],
    ["silence", () => {}, /silent for 0.2 s \(asked 3 times\)/],
    ["a closed door", (request) => request.socket.destroy(), /asked 3 times/],
  ];
  it.each(cases)(
    "is named with what was wrong, and leaves what was there: %s",
    async (name, answer, words, extra) => {
      const dir = await temporaryFolder();
      const path = join(dir, "weights.h5");
      await writeFile(path, "good");
      const server = await fileServer(answer);
      const options = name === "silence" ? IMPATIENT : OPTIONS;
      const failed = download(published([server.url()], extra), path, options);
      await expect(failed).rejects.toEqual(refused(words));
      await expect(failed).rejects.toMatchObject({
        file: path,
        message: expect.stringContaining(server.url()),
      });
      expect(await readFile(path, "utf8")).toBe("good");
      expect(await filesIn(dir)).toEqual(["weights.h5"]);
    },
  );

  it("that is not there is an error, too", async () => {
    const dir = await temporaryFolder();
    const failed = download(published(["http://127.0.0.1:1/weights.h5"]), join(dir, "weights.h5"), OPTIONS);
    await expect(failed).rejects.toEqual(refused(/ECONNREFUSED|bad port/));
  });
});

it("a file larger than the disk is not begun", async () => {
  const dir = await temporaryFolder();
  const server = await fileServer((_, response) => {
    response.writeHead(200, { "content-length": 2 ** 60 });
    response.write("x");
  });
  const failed = download(published([server.url()]), join(dir, "weights.h5"), OPTIONS);
  await expect(failed).rejects.toMatchObject({
    code: "unavailable",
    message: expect.stringMatching(/^\d+ bytes are to come, the disk has \d+ left$/),
  });
  expect(await filesIn(dir)).toEqual([]);
});

it("two downloads of one file at once leave it whole", async () => {
  const dir = await temporaryFolder();
  const server = await fileServer((request, response) => sendFile(request, response, CONTENT));
  const path = join(dir, "weights.h5");
  await Promise.all([1, 2, 3].map(() => download(published([server.url()]), path, OPTIONS)));
  await expectWhole(path);
  expect(await readdir(dir)).toEqual(["weights.h5"]);
});

describe("a file that nobody has published a checksum of", () => {
  it("is taken whole the first time, continued where the connection broke, and its checksum given", async () => {
    const dir = await temporaryFolder();
    const path = join(dir, "set.zip");
    await writeFile(join(dir, ".set.zip.partial"), "of who knows what");
    const server = await fileServer((request, response, count) =>
      sendFile(request, response, CONTENT, count === 1 ? 100_000 : undefined),
    );
    const found = await downloadFirst({ name: "set.zip", urls: [server.url()] }, path, OPTIONS);
    expect(found).toEqual({ bytes: CONTENT.length, sha256: sha256(CONTENT) });
    expect(server.ranges).toEqual([undefined, "bytes=100000-"]);
    await expectWhole(path);
    expect(await readdir(dir)).toEqual(["set.zip"]);
  });

  it("is not taken where the server keeps breaking off, or answers with a web page", async () => {
    const dir = await temporaryFolder();
    const answers = {
      "/cut": (response: Parameters<Parameters<typeof fileServer>[0]>[1]) => {
        response.writeHead(200, { "content-length": 500 });
        response.write(CONTENT.subarray(0, 100), () => response.destroy());
      },
      "/page": (response: Parameters<Parameters<typeof fileServer>[0]>[1]) =>
        void response.writeHead(200, { "content-type": "text/html" }).end("<html>Sign in</html>"),
    };
    const server = await fileServer((request, response) =>
      answers[request.url as keyof typeof answers](response),
    );
    for (const [path, words] of [
      ["/cut", /stopped|terminated|closed|416|range|asked/],
      ["/page", /a web page/],
    ] as const) {
      const file = { name: "set.zip", urls: [server.url(path)] };
      await expect(downloadFirst(file, join(dir, "set.zip"), OPTIONS)).rejects.toEqual(refused(words));
      expect(await filesIn(dir)).toEqual([]);
    }
  });
});
