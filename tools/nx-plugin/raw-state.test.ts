import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const script = fileURLToPath(new URL("./raw-state.mjs", import.meta.url));
let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "fer-bench-raw-"));
});
afterEach(() => rm(root, { recursive: true }));

const stateOf = (set: string, of = "") =>
  execFileSync(process.execPath, [script, set], { cwd: join(root, of), encoding: "utf8" }).trim();

/** An import of `data`, its record written at `time`, the data a second before. */
async function importSet(of: string, data: string, time: number): Promise<string> {
  const dir = join(root, of, "data", "raw", "set");
  await mkdir(dir, { recursive: true });
  await writeFile(join(dir, "data.bin"), data);
  await writeFile(join(dir, "import.json"), "{}");
  await utimes(join(dir, "data.bin"), time - 1, time - 1);
  await utimes(join(dir, "import.json"), time, time);
  return join(dir, "data.bin");
}

describe("a digest of raw data", () => {
  it("is the same for the same import on two machines, and another after a change", async () => {
    const file = await importSet("a", "12345", 1000);
    await importSet("b", "12345", 2000);
    const before = stateOf("set", "a");
    expect(stateOf("set", "b")).toBe(before);
    await writeFile(file, "54321");
    expect(stateOf("set", "a")).not.toBe(before);
    await importSet("b", "123456", 2000);
    expect(stateOf("set", "b")).not.toBe(before);
  });

  it("is what another machine says where the data are not here", async () => {
    expect(stateOf("set")).toBe("absent");
    await importSet("a", "12345", 1000);
    const state = stateOf("set", "a");
    await mkdir(join(root, "data"));
    await writeFile(join(root, "data", "raw-states.json"), JSON.stringify({ set: state }));
    expect(stateOf("set")).toBe(state);
    expect(stateOf("other")).toBe("absent");
  });
});
