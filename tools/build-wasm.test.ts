import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { compileWasm, modules } from "./build-wasm.mjs";

it.each(modules)(
  "$binary is what its source compiles to",
  async ({ source, binary }) => {
    const committed = await readFile(new URL(`../${binary}`, import.meta.url));
    expect(committed.equals(await compileWasm(source))).toBe(true);
  },
  180_000,
);
