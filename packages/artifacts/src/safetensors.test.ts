import { readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FerBenchError } from "./errors.ts";
import {
  decodeSafetensors,
  encodeSafetensors,
  openSafetensors,
  readSafetensors,
  type Tensor,
  writeSafetensors,
} from "./safetensors.ts";
import { temporaryFolder } from "./temporary-folder.test.helper.ts";

const TENSORS = new Map<string, Tensor>([
  ["u8", { dtype: "U8", shape: [3], data: Uint8Array.of(1, 2, 255) }],
  ["f16", { dtype: "F16", shape: [1, 2], data: Uint16Array.of(0x3c00, 0xc000) }],
  ["bf16", { dtype: "BF16", shape: [1], data: Uint16Array.of(0x3f80) }],
  ["f32", { dtype: "F32", shape: [2, 2], data: Float32Array.of(1, -0, 0.5, Number.NaN) }],
  ["i32", { dtype: "I32", shape: [1], data: Int32Array.of(-7) }],
  ["i64", { dtype: "I64", shape: [1], data: BigInt64Array.of(-(2n ** 40n)) }],
  ["f64", { dtype: "F64", shape: [], data: Float64Array.of(Math.PI) }],
  ["empty", { dtype: "F32", shape: [0, 4], data: new Float32Array(0) }],
]);

/** A file with this header, by the format's own description. */
function fileOf(header: string, values: readonly number[] = []): Uint8Array {
  const text = Buffer.from(header);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Uint8Array.from([...length, ...text, ...values]);
}

it("writes the bytes the format asks for: length, JSON padded to eight bytes, values little-endian", () => {
  const header = '{"w":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]}}';
  const bytes = encodeSafetensors(
    new Map([["w", { dtype: "F32", shape: [1, 2], data: Float32Array.of(1, -2) }]]),
  );
  expect(header.length % 8).toBe(0);
  expect([...bytes]).toEqual([...fileOf(header, [0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0])]);

  const padded = encodeSafetensors(new Map(), { a: "b" });
  expect([...padded]).toEqual([...fileOf('{"__metadata__":{"a":"b"}}'.padEnd(32))]);
});

it("gives back every type of tensor and the metadata", () => {
  const metadata = { epoch: "17", head: '{"hidden":256}' };
  expect(decodeSafetensors(encodeSafetensors(TENSORS, metadata), "a")).toEqual({
    tensors: TENSORS,
    metadata,
  });
});

it("writes the same bytes whatever order the tensors come in", () => {
  const reversed = new Map([...TENSORS].reverse());
  expect(encodeSafetensors(reversed, { b: "1", a: "2" })).toEqual(
    encodeSafetensors(TENSORS, { a: "2", b: "1" }),
  );
});

it("keeps names that mean something to JavaScript", () => {
  const data = Uint8Array.of(1);
  const names = ["__proto__", "constructor", "7", "ä"];
  const tensors = new Map<string, Tensor>(names.map((name) => [name, { dtype: "U8", shape: [1], data }]));
  expect(decodeSafetensors(encodeSafetensors(tensors), "a").tensors).toEqual(
    new Map([...tensors].sort(([a], [b]) => (a === "7" ? -1 : b === "7" ? 1 : 0))),
  );
});

it("decodes a Buffer at any alignment into memory of its own", () => {
  const bytes = encodeSafetensors(TENSORS);
  const buffer = Buffer.alloc(bytes.length + 1);
  buffer.set(bytes, 1);
  const { tensors } = decodeSafetensors(buffer.subarray(1), "a");
  buffer.fill(0);
  expect(tensors).toEqual(TENSORS);
});

it("decodes tensors that other writers laid out unaligned", () => {
  const header =
    '{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"F32","shape":[1],"data_offsets":[1,5]}}';
  const { tensors } = decodeSafetensors(fileOf(header, [9, 0, 0, 0x80, 0x3f]), "a");
  expect(tensors.get("b")!.data).toEqual(Float32Array.of(1));
});

it("refuses to write what does not fit its shape or type, or is called as the metadata are", () => {
  const encode = (name: string, tensor: Tensor) => () => encodeSafetensors(new Map([[name, tensor]]));
  expect(encode("w", { dtype: "F32", shape: [3], data: new Float32Array(2) })).toThrow(
    "w: F32 [3] does not hold 2",
  );
  expect(encode("w", { dtype: "F32", shape: [2], data: new Float64Array(2) })).toThrow(TypeError);
  expect(encode("__metadata__", { dtype: "U8", shape: [0], data: new Uint8Array(0) })).toThrow(TypeError);
});

describe("a file that breaks the format", () => {
  const one = (entry: string): Uint8Array => fileOf(`{"w":${entry}}`, [0, 0, 0, 0]);
  it.each<[string, Uint8Array]>([
    ["empty", new Uint8Array(0)],
    ["shorter than its length", new Uint8Array(7)],
    ["a header longer than the file", Uint8Array.of(9, 0, 0, 0, 0, 0, 0, 0, 123, 125)],
    ["a header of 2^64 - 1 bytes", Uint8Array.of(255, 255, 255, 255, 255, 255, 255, 255, 123, 125)],
    ["no JSON", fileOf("{")],
    ["a list", fileOf("[]")],
    ["null", fileOf("null")],
    ["an unknown type", one('{"dtype":"F8","shape":[4],"data_offsets":[0,4]}')],
    ["a type that every object has", one('{"dtype":"constructor","shape":[4],"data_offsets":[0,4]}')],
    ["a type that cannot be printed", one('{"dtype":{"toString":1},"shape":[4],"data_offsets":[0,4]}')],
    ["a negative shape", one('{"dtype":"U8","shape":[-4],"data_offsets":[0,4]}')],
    [
      "a shape beyond all numbers",
      one('{"dtype":"U8","shape":[9007199254740991,9007199254740991],"data_offsets":[0,4]}'),
    ],
    ["offsets beyond the file", one('{"dtype":"U8","shape":[5],"data_offsets":[0,5]}')],
    ["offsets backwards", one('{"dtype":"U8","shape":[0],"data_offsets":[2,1]}')],
    ["offsets that do not fit the shape", one('{"dtype":"F32","shape":[2],"data_offsets":[0,4]}')],
    ["bytes after the last tensor", one('{"dtype":"U8","shape":[3],"data_offsets":[0,3]}')],
    ["bytes before the first tensor", one('{"dtype":"U8","shape":[3],"data_offsets":[1,4]}')],
    [
      "two tensors in one place",
      fileOf(
        '{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}',
        [0, 0, 0],
      ),
    ],
    ["no entry", one("null")],
    ["metadata that are no texts", fileOf('{"__metadata__":{"a":{"toString":1}}}')],
    ["metadata that are a list", fileOf('{"__metadata__":[]}')],
  ])("is refused by name: %s", (_, bytes) => {
    expect(() => decodeSafetensors(bytes, "weights.safetensors")).toThrow(
      expect.objectContaining({ name: "FerBenchError", code: "bad-data", file: "weights.safetensors" }),
    );
  });

  it("is refused when it is cut off", () => {
    const bytes = encodeSafetensors(TENSORS);
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeSafetensors(bytes.subarray(0, length), "a")).toThrow(FerBenchError);
    }
  });

  const onlyOurErrors = (bytes: Uint8Array): void => {
    try {
      decodeSafetensors(bytes, "a");
    } catch (error) {
      expect(error).toBeInstanceOf(FerBenchError);
    }
  };

  it("fails in no other way, whatever its bytes are", () => {
    const whole = encodeSafetensors(TENSORS, { a: "b" });
    fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), onlyOurErrors), { numRuns: 500, seed: 3 });
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.uint8Array({ minLength: 1, maxLength: 8 }), (at, noise) => {
        const bytes = Uint8Array.from(whole);
        bytes.set(noise.subarray(0, bytes.length - at), at);
        onlyOurErrors(bytes);
      }),
      { numRuns: 2000, seed: 4 },
    );
  });

  it("fails in no other way, whatever its header says", () => {
    const entry = fc.record(
      {
        dtype: fc.oneof(fc.constantFrom("F32", "U8", "I64", "toString"), fc.jsonValue()),
        shape: fc.oneof(fc.array(fc.nat(4)), fc.jsonValue()),
        data_offsets: fc.oneof(fc.tuple(fc.nat(20), fc.nat(20)), fc.jsonValue()),
      },
      { requiredKeys: [] },
    );
    const header = fc.dictionary(
      fc.oneof(fc.constant("__metadata__"), fc.string()),
      fc.oneof(entry, fc.jsonValue()),
    );
    fc.assert(
      fc.property(fc.oneof(header, fc.jsonValue()), fc.nat(20), (value, size) =>
        onlyOurErrors(fileOf(JSON.stringify(value), new Array(size).fill(1))),
      ),
      { numRuns: 2000, seed: 5 },
    );
  });
});

it("writes the bytes of the encoding", async () => {
  const path = join(await temporaryFolder(), "a.safetensors");
  await writeSafetensors(path, TENSORS, { a: "b" });
  expect((await readFile(path)).equals(encodeSafetensors(TENSORS, { a: "b" }))).toBe(true);
});

it("reads one tensor at a time", async () => {
  const path = join(await temporaryFolder(), "a.safetensors");
  await writeSafetensors(path, TENSORS, { a: "b" });
  const file = await openSafetensors(path);
  expect(file.metadata).toEqual({ a: "b" });
  expect([...file.entries.keys()].sort()).toEqual([...TENSORS.keys()].sort());
  for (const [name, tensor] of TENSORS) expect(await file.read(name)).toEqual(tensor);
  await expect(file.read("absent")).rejects.toThrow(TypeError);
  await truncate(path, 200);
  await expect(file.read("u8")).rejects.toMatchObject({ code: "bad-data", file: path });
  await file.close();
  await expect(openSafetensors(path)).rejects.toMatchObject({ code: "bad-data", file: path });
  await expect(openSafetensors(`${path}.absent`)).rejects.toMatchObject({ code: "missing" });
});

it("reads from disk what it wrote there, and names a file that is not there", async () => {
  const dir = await temporaryFolder();
  const path = join(dir, "a.safetensors");
  await writeSafetensors(path, TENSORS, { a: "b" });
  expect(await readSafetensors(path)).toEqual({ tensors: TENSORS, metadata: { a: "b" } });
  await writeFile(path, (await readFile(path)).subarray(0, -1));
  await expect(readSafetensors(path)).rejects.toMatchObject({ code: "bad-data", file: path });
  const absent = join(dir, "absent");
  await expect(readSafetensors(absent)).rejects.toMatchObject({ code: "missing", file: absent });
});
