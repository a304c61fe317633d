import { describe, expect, it } from "vitest";
import { OnnxGraph } from "../onnx/onnx-graph.ts";
import { createSessionPool } from "./session-pool.ts";

function doubling(): Uint8Array {
  const onnx = new OnnxGraph("doubling");
  const x = onnx.input("x", "float32", ["N", 2]);
  onnx.output("y", onnx.node("Mul", [x, onnx.float(2)]), "float32", ["N", 2]);
  return onnx.toBytes({ maker: "test" });
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
});
