/**
 * Compiles the packages' inner loops (AssemblyScript) to WebAssembly: packages/preprocess/simd to data/detector.wasm,
 * packages/report/simd to data/maps.wasm. The binaries are committed, so that nobody who only uses the packages compiles
 * anything; tools/build-wasm.test.ts holds them to their source.
 *
 *   node tools/build-wasm.mjs
 */
import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Source and binary of each, from the repository's root. */
export const modules = [
  { source: "packages/preprocess/simd/index.ts", binary: "packages/preprocess/data/detector.wasm" },
  { source: "packages/report/simd/index.ts", binary: "packages/report/data/maps.wasm" },
];

/**
 * A module's bytes.
 *
 * @param {string} source
 * @returns {Promise<Uint8Array>}
 */
export async function compileWasm(source) {
  const options = ["--runtime", "stub", "--noAssert", "-O3", "--converge", "--enable", "simd"];
  let bytes = new Uint8Array();
  const { error, stderr } = await asc.main(
    [source, "--baseDir", root, "--outFile", "module.wasm", ...options],
    {
      writeFile: (name, contents) => {
        if (name.endsWith(".wasm")) bytes = contents;
      },
    },
  );
  if (error) throw new Error(`${error.message}\n${stderr}`);
  return bytes;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const { source, binary } of modules) await writeFile(`${root}${binary}`, await compileWasm(source));
}
