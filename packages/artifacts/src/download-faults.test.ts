import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { Checksum } from "./checksum.ts";
import { download } from "./download.ts";
import { FerBenchError } from "./errors.ts";
import { ALL_FAULTS, type Fault, hostileServer, PASSING_FAULTS } from "./hostile-server.test.helper.ts";
import { createRandom, type Random, randomInt } from "./random.ts";
import { temporaryFolder } from "./temporary-folder.test.helper.ts";

const ROUNDS = 250;
/** Rounds at a time: most wait for a connection. */
const LANES = 10;

const hashOf = (algorithm: "md5" | "sha256", content: Buffer): string =>
  createHash(algorithm).update(content).digest("hex");

function drawFaults(random: Random, names: readonly Fault["name"][], most: number): Fault[] {
  return Array.from({ length: randomInt(random, most + 1) }, () => ({
    name: names[randomInt(random, names.length)]!,
    seed: randomInt(random, 2 ** 31),
  }));
}

/** One download by up to three addresses; `names` are the faults that their servers may commit. */
async function round(dir: string, seed: number, names: readonly Fault["name"][]) {
  const random = createRandom("round", seed);
  const content = Buffer.from(
    Uint8Array.from({ length: 1 + randomInt(random, 60_000) }, () => randomInt(random, 256)),
  );
  const faults = Array.from({ length: 1 + randomInt(random, 3) }, () => drawFaults(random, names, 6));
  const servers = await Promise.all(faults.map((some) => hostileServer(content, some)));
  const path = join(dir, "set.zip");
  const before = random.next() < 0.5 ? "what was there" : undefined;
  if (before !== undefined) await writeFile(path, before);
  if (random.next() < 0.2) await writeFile(join(dir, ".set.zip.partial"), content.subarray(0, 999));
  const checksum: Checksum =
    random.next() < 0.5 ? { md5: hashOf("md5", content) } : { sha256: hashOf("sha256", content) };
  const published = {
    name: "set.zip",
    urls: servers.map(({ url }) => url),
    checksum,
    ...(random.next() < 0.5 && { bytes: content.length }),
  };
  const told = faults.map((some) => some.map(({ name }) => name).join(", ")).join(" | ");
  try {
    const error = await download(published, path, { patienceMs: 300, retries: 7, waitMs: 1 }).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    return { content, path, before, told, error, urls: published.urls };
  } finally {
    for (const server of servers) server.close();
  }
}

async function inLanes(work: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < ROUNDS) await work(next++);
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}

it("whatever servers do, the file is right or the error is clear", async () => {
  const dir = await temporaryFolder();
  let [files, errors] = [0, 0];
  await inLanes(async (index) => {
    const folder = join(dir, String(index));
    await mkdir(folder);
    const { content, path, before, told, error, urls } = await round(folder, index, ALL_FAULTS);
    const found = await readFile(path, "utf8").catch(() => undefined);
    if (error === undefined) {
      files++;
      expect(content.equals(await readFile(path)), told).toBe(true);
      expect(await readdir(folder), told).toEqual(["set.zip"]);
      return;
    }
    errors++;
    expect(error, told).toBeInstanceOf(FerBenchError);
    const { code, message, remedy, file } = error as FerBenchError;
    expect({ code, file, found }, told).toEqual({ code: "unavailable", file: path, found: before });
    for (const url of urls) expect(message, told).toContain(`${url}: `);
    expect(remedy, told).toMatch(/\w/);
  });
  // Both happen, or the rounds would prove little.
  expect(files).toBeGreaterThan(ROUNDS / 4);
  expect(errors).toBeGreaterThan(ROUNDS / 20);
}, 120_000);

it("what passes does not keep the file away", async () => {
  const dir = await temporaryFolder();
  await inLanes(async (index) => {
    const folder = join(dir, String(index));
    await mkdir(folder);
    const { content, path, told, error } = await round(folder, ROUNDS + index, PASSING_FAULTS);
    expect(error, told).toBeUndefined();
    expect(content.equals(await readFile(path)), told).toBe(true);
  });
}, 120_000);
