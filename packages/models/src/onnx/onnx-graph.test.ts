import { InferenceSession, Tensor } from "onnxruntime-node";
import { expect, it } from "vitest";
import { OnnxGraph } from "./onnx-graph.ts";

it("scans: a state goes from row to row, and what each row gives is stacked", async () => {
  const onnx = new OnnxGraph("running-sums");
  const factor = onnx.input("factor", "float32", []);
  const start = onnx.input("start", "float32", [2]);
  const rows = onnx.input("rows", "float32", ["count", 2]);
  const body = new OnnxGraph("add");
  const sum = body.input("step/sum", "float32", [2]);
  const row = body.input("step/row", "float32", [2]);
  const scaled = body.node("Mul", [row, factor]);
  body.result(body.node("Add", [sum, scaled], {}, "step/next"), "float32", [2]);
  body.result(scaled, "float32", [2]);
  const [last, stacked] = onnx.scan(body, [start], [rows]);
  onnx.output("last", last!, "float32", [2]);
  onnx.output("scaled", stacked!, "float32", ["count", 2]);

  const session = await InferenceSession.create(onnx.toBytes());
  const results = await session.run({
    factor: new Tensor("float32", Float32Array.of(2), []),
    start: new Tensor("float32", Float32Array.of(100, 200), [2]),
    rows: new Tensor("float32", Float32Array.of(1, 2, 3, 4, 5, 6), [3, 2]),
  });
  await session.release();
  expect([...(results.last!.data as Float32Array)]).toEqual([118, 224]);
  expect([...(results.scaled!.data as Float32Array)]).toEqual([2, 4, 6, 8, 10, 12]);
  expect(results.scaled!.dims).toEqual([3, 2]);
});
