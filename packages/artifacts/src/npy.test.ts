import { copyFile, readdir, readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { FerBenchError } from "./errors.ts";
import { sha256File } from "./hash.ts";
import { type NpyData, openNpy, openNpyWriter, readNpy, shardPath, writeNpy } from "./npy.ts";
import { temporaryFolder } from "./temporary-folder.test.helper.ts";

/** Saved by NumPy 1.24.2: tools/fixtures/numpy_arrays.py. */
const NUMPY = join(import.meta.dirname, "../test/numpy");

const SAVED: readonly { name: string; data: NpyData; shape: number[] }[] = [
  { name: "uint8-7x2x3", data: Uint8Array.from({ length: 42 }, (_, i) => i * 5), shape: [7, 2, 3] },
  { name: "int32-5", data: Int32Array.from({ length: 5 }, (_, i) => (i - 2) * 1_000_000), shape: [5] },
  { name: "float32-4x3", data: Float32Array.from({ length: 12 }, (_, i) => i / 8 - 1), shape: [4, 3] },
  { name: "float64-2x1", data: Float64Array.of(Math.PI, -0), shape: [2, 1] },
  { name: "float32-0x6", data: new Float32Array(0), shape: [0, 6] },
];

describe.each(SAVED)("$name", ({ name, data, shape }) => {
  it("is read as NumPy saved it", async () => {
    expect(await readNpy(join(NUMPY, `${name}.npy`))).toEqual({ dtype: name.split("-")[0], shape, data });
  });

  it("is written byte for byte as NumPy saves it", async () => {
    const { sha256 } = JSON.parse(await readFile(join(NUMPY, "sha256.json"), "utf8"));
    const path = join(await temporaryFolder(), "a.npy");
    await writeNpy(path, data, shape);
    expect(await sha256File(path)).toBe(sha256[name]);
  });
});

it.each(["fortran-order", "big-endian", "int64", "scalar"])(
  "refuses an array of NumPy's that is %s",
  async (name) => {
    const file = join(NUMPY, `${name}.npy`);
    await expect(readNpy(file)).rejects.toMatchObject({ code: "bad-artifact", file });
  },
);

it("reads back any rows, however they were appended, sharded and asked for", async () => {
  const dir = await temporaryFolder();
  let run = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(fc.float({ noNaN: true }), { minLength: 0, maxLength: 5 }), { maxLength: 6 }),
      fc.integer({ min: 1, max: 60 }),
      fc.nat(100),
      fc.nat(100),
      async (chunks, shardBytes, at, length) => {
        const path = join(dir, `${run++}.npy`);
        const writer = await openNpyWriter(path, "float32", [2], { shardBytes });
        for (const chunk of chunks) await writer.append(Float32Array.from(chunk.flatMap((x) => [x, -x])));
        const rows = await writer.close();
        const all = Float32Array.from(chunks.flat().flatMap((x) => [x, -x]));
        expect(rows).toBe(all.length / 2);

        const start = Math.min(at, rows);
        const count = Math.min(length, rows - start);
        const reader = await openNpy(path);
        try {
          expect(reader.shape).toEqual([rows, 2]);
          expect(await reader.readRows(start, count)).toEqual(all.slice(start * 2, (start + count) * 2));
        } finally {
          await reader.close();
        }
        expect((await readNpy(path)).data).toEqual(all);
      },
    ),
    { numRuns: 40, seed: 1 },
  );
});

it("numbers its shards, each an array of its own", async () => {
  const dir = await temporaryFolder();
  const writer = await openNpyWriter(join(dir, "faces.npy"), "uint8", [4], { shardBytes: 8 });
  await writer.append(Uint8Array.from({ length: 20 }, (_, i) => i));
  expect(await writer.close()).toBe(5);
  expect((await readdir(dir)).sort()).toEqual(["faces.00000.npy", "faces.00001.npy", "faces.00002.npy"]);
  expect((await readNpy(join(dir, "faces.00001.npy"))).data).toEqual(
    Uint8Array.of(8, 9, 10, 11, 12, 13, 14, 15),
  );
  expect((await readNpy(join(dir, "faces.npy"))).shape).toEqual([5, 4]);
});

it("keeps an array of exactly one shard's size in one file", async () => {
  const dir = await temporaryFolder();
  const writer = await openNpyWriter(join(dir, "a.npy"), "uint8", [4], { shardBytes: 8 });
  await writer.append(new Uint8Array(8));
  await writer.close();
  expect(await readdir(dir)).toEqual(["a.npy"]);
});

describe("a file that is not whole", () => {
  it("is named when it is cut off at any byte", async () => {
    const dir = await temporaryFolder();
    const file = join(dir, "a.npy");
    for (const length of [0, 5, 9, 10, 60, 127, 128, 175]) {
      await copyFile(join(NUMPY, "float32-4x3.npy"), file);
      await truncate(file, length);
      await expect(readNpy(file)).rejects.toMatchObject({ code: "bad-artifact", file });
    }
  });

  it("is named when it is a shard that differs from the first", async () => {
    const dir = await temporaryFolder();
    const path = join(dir, "a.npy");
    await writeNpy(shardPath(path, 0), new Uint8Array(4), [2, 2]);
    await writeNpy(shardPath(path, 1), new Uint8Array(6), [2, 3]);
    await expect(openNpy(path)).rejects.toMatchObject({ code: "bad-artifact", file: shardPath(path, 1) });
  });

  it("is named when it is not there", async () => {
    const file = join(await temporaryFolder(), "a.npy");
    await expect(openNpy(file)).rejects.toMatchObject({ code: "bad-artifact", file });
  });

  it("never fails in any other way, whatever its header says", async () => {
    const file = join(await temporaryFolder(), "a.npy");
    const whole = await readFile(join(NUMPY, "int32-5.npy"));
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.uint8Array({ maxLength: 20 }), async (at, noise) => {
        const bytes = Buffer.from(whole);
        bytes.set(noise.subarray(0, bytes.length - at), at);
        await writeFile(file, bytes);
        const error = await readNpy(file).catch((caught: unknown) => caught);
        if (error instanceof Error) expect(error).toBeInstanceOf(FerBenchError);
      }),
      { numRuns: 150, seed: 2 },
    );
  });
});

it("shards by the size that the environment says, and refuses one that is none", async () => {
  const path = join(await temporaryFolder(), "a.npy");
  vi.stubEnv("FER_BENCH_SHARD_BYTES", "8");
  await writeNpy(path, Float32Array.of(1, 2, 3, 4, 5), [5]);
  expect((await readNpy(path)).data).toEqual(Float32Array.of(1, 2, 3, 4, 5));
  expect((await readNpy(shardPath(path, 2))).data).toEqual(Float32Array.of(5));
  for (const size of ["1 GB", "0", "-5"]) {
    vi.stubEnv("FER_BENCH_SHARD_BYTES", size);
    await expect(writeNpy(path, new Uint8Array(1), [1])).rejects.toMatchObject({
      code: "bad-config",
      field: "FER_BENCH_SHARD_BYTES",
    });
  }
  vi.unstubAllEnvs();
});

it("refuses values that do not fill the shape, and rows out of range", async () => {
  const path = join(await temporaryFolder(), "a.npy");
  await expect(writeNpy(path, new Float32Array(6), [5, 2])).rejects.toThrow("[5,2] does not hold 6 values");
  const writer = await openNpyWriter(path, "float32", [2]);
  await expect(writer.append(new Float32Array(3))).rejects.toThrow(TypeError);
  await expect(writer.append(new Float64Array(2))).rejects.toThrow("float32 [2] expected");
  await writer.close();
  const reader = await openNpy(path);
  await expect(reader.readRows(0, 1)).rejects.toThrow(RangeError);
  await reader.close();
});
