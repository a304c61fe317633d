import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTarWriter } from "@fer-bench/datasets";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readImagesTar } from "./images-tar.ts";

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "fer-bench-images-tar-"));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

async function write(index: string): Promise<string> {
  const path = join(dir, "images.tar");
  const tar = createTarWriter(path);
  await tar.add("index.json", Buffer.from(index));
  await tar.close();
  return path;
}

async function read(): Promise<number> {
  let count = 0;
  for await (const _ of readImagesTar(dir, "images.tar")) count++;
  return count;
}

test("an index that is no JSON, of another kind, or cut off is refused by the file's name", async () => {
  const file = await write('{"channels":1,"records":[]}');
  expect(await read()).toBe(0);
  for (const index of ["ndex", '{"channels":2,"records":[]}', ""]) {
    await write(index);
    await expect(read()).rejects.toMatchObject({ code: "bad-data", file });
  }
  await writeFile(file, (await readFile(file)).subarray(0, 700));
  await expect(read()).rejects.toMatchObject({ code: "bad-data", file });
});
