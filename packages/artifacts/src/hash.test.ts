import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { sha256, sha256File } from "./hash.ts";
import { temporaryFolder } from "./temporary-folder.test.helper.ts";

it("hashes as FIPS 180-4's examples say, text, bytes and files alike", async () => {
  const ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  // FIPS 180-4's third example: a million times the letter a.
  const MILLION = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";
  expect(sha256("abc")).toBe(ABC);
  expect(sha256(Uint8Array.of(97, 98, 99))).toBe(ABC);
  const path = join(await temporaryFolder(), "a");
  await writeFile(path, "a".repeat(1_000_000));
  expect(await sha256File(path)).toBe(MILLION);
});
