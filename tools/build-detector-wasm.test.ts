import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { compileDetectorWasm, wasmFile } from "./build-detector-wasm.mjs";

it("packages/preprocess/data/detector.wasm is what its source compiles to", async () => {
  const committed = await readFile(wasmFile);
  expect(committed.equals(await compileDetectorWasm())).toBe(true);
}, 180_000);
