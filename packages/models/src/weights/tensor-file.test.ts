import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { encodeSafetensors, type Tensor as Stored, writeSafetensors } from "@fer-bench/artifacts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openTensorFile } from "./tensor-file.ts";

const golden = (name: string) => new URL(`../../test/golden/torch/${name}`, import.meta.url).pathname;

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "fer-bench-tensors-"));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

async function put(content: string | Uint8Array, name = "weights.bin"): Promise<string> {
  const path = join(dir, name);
  await writeFile(path, content);
  return path;
}

describe("safetensors", () => {
  it("are read by what is in them, whatever they are called, as float32", async () => {
    // Bits of 1.5, the smallest subnormal, the largest half, -0; of 1.5 and -2.
    const tensors = new Map<string, Stored>([
      ["f16", { dtype: "F16", shape: [4], data: Uint16Array.of(0x3e00, 1, 0x7bff, 0x8000) }],
      ["bf16", { dtype: "BF16", shape: [2, 1], data: Uint16Array.of(0x3fc0, 0xc000) }],
      ["f32", { dtype: "F32", shape: [2], data: Float32Array.of(0.1, -0) }],
      ["f64", { dtype: "F64", shape: [], data: Float64Array.of(0.1) }],
      ["i64", { dtype: "I64", shape: [1], data: BigInt64Array.of(-(2n ** 53n)) }],
      ["i32", { dtype: "I32", shape: [1], data: Int32Array.of(-7) }],
      ["u8", { dtype: "U8", shape: [1], data: Uint8Array.of(255) }],
    ]);
    const path = join(dir, "weights.h5");
    await writeSafetensors(path, tensors);
    const file = await openTensorFile(path);
    expect(file.format).toBe("safetensors");
    expect(file.tensors.get("bf16")).toEqual({ type: "BF16", shape: [2, 1] });
    const read = async (name: string) => [...(await file.read(name)).data];
    expect(await read("f16")).toEqual([1.5, 2 ** -24, 65_504, -0]);
    expect(await read("bf16")).toEqual([1.5, -2]);
    expect(await read("f32")).toEqual([Math.fround(0.1), -0]);
    expect(await read("f64")).toEqual([Math.fround(0.1)]);
    expect(await read("i64")).toEqual([-(2 ** 53)]);
    expect(await read("i32")).toEqual([-7]);
    expect(await read("u8")).toEqual([255]);
    await expect(file.read("absent")).rejects.toThrow(TypeError);
    await file.close();
  });

  it("that hold no finite number are refused, with its place", async () => {
    const data = new Float32Array(12);
    data[7] = Number.NaN;
    const path = await put(
      encodeSafetensors(
        new Map<string, Stored>([
          ["w", { dtype: "F32", shape: [3, 4], data }],
          ["h", { dtype: "F16", shape: [1], data: Uint16Array.of(0xfc00) }],
        ]),
      ),
    );
    const file = await openTensorFile(path);
    await expect(file.read("w")).rejects.toMatchObject({
      code: "bad-data",
      message: "w holds NaN at [1, 3]",
      file: path,
      field: "w",
    });
    await expect(file.read("h")).rejects.toMatchObject({ message: "h holds -Infinity at [0]" });
    await file.close();
  });

  it("that are cut off are refused", async () => {
    const whole = encodeSafetensors(
      new Map<string, Stored>([["w", { dtype: "F32", shape: [100], data: new Float32Array(100) }]]),
    );
    for (const length of [whole.length - 1, 70, 9]) {
      await expect(openTensorFile(await put(whole.subarray(0, length)))).rejects.toMatchObject({
        code: "bad-data",
        file: join(dir, "weights.bin"),
      });
    }
  });
});

describe("a file of another format is named, with what to do", () => {
  const zip = (entry: string) => {
    const header = Buffer.alloc(30);
    header.write("PK\x03\x04", "latin1");
    header.writeUInt16LE(entry.length, 26);
    return Buffer.concat([header, Buffer.from(entry), Buffer.alloc(100)]);
  };
  it.each<[string, string | Uint8Array, RegExp, RegExp]>([
    ["of Keras 3", zip("metadata.json"), /zip archive, as Keras 3 writes/, /\.save\("FILE\.h5"\)/],
    ["empty", "", /the file is empty/, /get it again/],
    ["a web page", "\n<!DOCTYPE html><html>", /a web page/, /download the file itself/],
    [
      "Git LFS's pointer",
      "version https://git-lfs.github.com/spec/v1\noid",
      /Git LFS's pointer/,
      /git lfs pull/,
    ],
    [
      "TensorFlow's list of checkpoints",
      'model_checkpoint_path: "model.ckpt"',
      /TensorFlow checkpoint/,
      /load_weights/,
    ],
    ["gzip", gzipSync("x"), /gzip/, /gunzip/],
    ["text", "0.1 0.2 0.3\n", /neither HDF5 nor safetensors/, /PyTorch.*TensorFlow/],
    ["zeros", Buffer.alloc(5000), /neither HDF5 nor safetensors/, /./],
  ])("%s", async (_, content, message, remedy) => {
    await expect(openTensorFile(await put(content))).rejects.toMatchObject({
      code: "bad-data",
      file: join(dir, "weights.bin"),
      message: expect.stringMatching(message),
      remedy: expect.stringMatching(remedy),
    });
  });

  it.each([
    ["new.pth", "this is PyTorch's own format (a zip with pickled objects)"],
    ["old.pth", "this is PyTorch's old format (pickled objects)"],
  ])("PyTorch's %s", async (name, message) => {
    await expect(openTensorFile(golden(name))).rejects.toMatchObject({
      code: "bad-data",
      message,
      remedy: expect.stringContaining("safetensors.torch.save_file"),
    });
  });

  it("a folder, and no file at all", async () => {
    await expect(openTensorFile(dir)).rejects.toMatchObject({
      code: "missing",
      message: expect.stringContaining("folder"),
    });
    await expect(openTensorFile(join(dir, "absent"))).rejects.toMatchObject({
      code: "missing",
      file: join(dir, "absent"),
    });
  });
});
