/**
 * Compiles packages/preprocess/simd (AssemblyScript) to packages/preprocess/data/detector.wasm. The binary is committed,
 * so that nobody who only uses the package compiles anything; tools/build-detector-wasm.test.ts holds it to its source.
 *
 *   node tools/build-detector-wasm.mjs
 */
import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";

const root = fileURLToPath(new URL("..", import.meta.url));

export const wasmFile = new URL("../packages/preprocess/data/detector.wasm", import.meta.url);

/**
 * The module's bytes.
 *
 * @returns {Promise<Uint8Array>}
 */
export async function compileDetectorWasm() {
  const options = ["--runtime", "stub", "--noAssert", "-O3", "--converge", "--enable", "simd"];
  let bytes = new Uint8Array();
  const { error, stderr } = await asc.main(
    ["packages/preprocess/simd/index.ts", "--baseDir", root, "--outFile", "detector.wasm", ...options],
    {
      writeFile: (name, contents) => {
        if (name.endsWith(".wasm")) bytes = contents;
      },
    },
  );
  if (error) throw new Error(`${error.message}\n${stderr}`);
  return bytes;
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  await writeFile(wasmFile, await compileDetectorWasm());
