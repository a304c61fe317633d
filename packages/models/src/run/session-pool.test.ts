import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { temporaryPath } from "@fer-bench/artifacts";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { OnnxGraph } from "../onnx/onnx-graph.ts";
import { createSessionPool } from "./session-pool.ts";

function doubling(): Uint8Array {
  const onnx = new OnnxGraph("doubling");
  const x = onnx.input("x", "float32", ["N", 2]);
  onnx.output("y", onnx.node("Mul", [x, onnx.float(2)]), "float32", ["N", 2]);
  return onnx.toBytes({ maker: "test" });
}

/** A matrix of 1.5 MiB times the input, and a small one added: one constant apart and one in the model's file. */
function large(): OnnxGraph {
  const onnx = new OnnxGraph("large");
  const x = onnx.input("x", "float32", [1, 3]);
  const matrix = Float32Array.from({ length: 3 * 131072 }, (_, i) => i % 1000);
  const product = onnx.node("MatMul", [x, onnx.floats(() => matrix, [3, 131072])]);
  onnx.output("y", onnx.node("Add", [product, onnx.float(0.5)]), "float32", [1, 131072]);
  return onnx;
}

/** A folder of its own for what a test leaves in the temporary one. */
async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "fer-bench-pool-"));
  vi.stubEnv("TMPDIR", folder);
  onTestFinished(async () => {
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true });
  });
  return folder;
}

describe("a session pool", () => {
  it("answers every run with its own result", async () => {
    const pool = await createSessionPool(doubling(), 2);
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, i) => pool.run(Float32Array.of(i, -i), [1, 2])),
    );
    await pool.close();
    expect(results.map((result) => [...result])).toEqual(
      Array.from({ length: 20 }, (_, i) => [2 * i, -2 * i]),
    );
  });

  it("reports what the runtime refuses, and goes on", async () => {
    const pool = await createSessionPool(doubling(), 1);
    await expect(pool.run(Float32Array.of(1, 2, 3), [1, 3])).rejects.toThrow(
      /ONNX Runtime failed: .*dimension/is,
    );
    expect([...(await pool.run(Float32Array.of(1, 2), [1, 2]))]).toEqual([2, 4]);
    await pool.close();
    await expect(pool.run(Float32Array.of(1, 2), [1, 2])).rejects.toThrow("closed");
  });

  it("refuses what is no model", async () => {
    await expect(createSessionPool(Uint8Array.of(1, 2, 3), 2)).rejects.toThrow("ONNX Runtime failed");
  });

  it("maps large constants from a file that is gone once the sessions have started", async () => {
    const folder = await temporaryFolder();
    const model = large().toSessions();
    expect(model).toMatchObject({ constantsFile: "constants.bin", constants: [{ offset: 0 }] });
    const pool = await createSessionPool(model, 2);
    expect(await readdir(folder)).toEqual([]);
    const whole = await createSessionPool(large().toBytes(), 1);
    const results = await Promise.all(
      [pool, pool, whole].map((one) => one.run(Float32Array.of(1, 2, 3), [1, 3])),
    );
    await Promise.all([pool.close(), whole.close()]);
    expect(results[0]![1000]).toBe(0.5 + (131072 % 1000) * 2 + (262144 % 1000) * 3);
    for (const result of results)
      expect(Buffer.from(result.buffer).equals(Buffer.from(results[2]!.buffer))).toBe(true);
  });

  it("removes what killed processes left of their models, and no living one's", async () => {
    const folder = await temporaryFolder();
    const living = temporaryPath(folder, "fer-bench-model");
    // No process has this number.
    const killed = join(folder, basename(living).replace(`-${process.pid}-`, "-4999999-"));
    for (const left of [living, killed]) {
      await mkdir(left);
      await writeFile(join(left, "constants.bin"), "half");
    }
    await (await createSessionPool(large().toSessions(), 1)).close();
    expect(await readdir(folder)).toEqual([basename(living)]);
  });

  it("leaves no file where the runtime refuses the model, and says where there was no room", async () => {
    const folder = await temporaryFolder();
    const broken = { model: Uint8Array.of(1, 2, 3), constantsFile: "constants.bin", constants: [] };
    await expect(createSessionPool(broken, 2)).rejects.toThrow("ONNX Runtime failed");
    expect(await readdir(folder)).toEqual([]);
    vi.stubEnv("TMPDIR", join(folder, "not-there"));
    await expect(createSessionPool(large().toSessions(), 1)).rejects.toMatchObject({
      code: "unavailable",
      message: "the network's weights cannot be put aside (ENOENT)",
      file: join(folder, "not-there"),
    });
  });
});
