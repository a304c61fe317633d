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

it.each([13, 18] as const)("takes means over axes as opset %i writes them", async (opset) => {
  const onnx = new OnnxGraph("means", { opset });
  const x = onnx.input("x", "float32", [2, 2]);
  onnx.output("columns", onnx.mean(x, [0]), "float32", [1, 2]);
  onnx.output("all", onnx.mean(x, [0, 1], { keepdims: false }), "float32", []);
  const session = await InferenceSession.create(onnx.toBytes());
  const results = await session.run({ x: new Tensor("float32", Float32Array.of(1, 2, 3, 6), [2, 2]) });
  await session.release();
  expect([[...(results.columns!.data as Float32Array)], results.columns!.dims]).toEqual([
    [2, 4],
    [1, 2],
  ]);
  expect([[...(results.all!.data as Float32Array)], results.all!.dims]).toEqual([[3], []]);
});

it("keeps kernels in 16 bits where asked, and everything else in 32", async () => {
  const onnx = new OnnxGraph("half", { halfKernels: true });
  const x = onnx.input("x", "float32", [1, 2]);
  const third = Math.fround(1 / 3);
  const product = onnx.node("MatMul", [
    x,
    onnx.floats(Float32Array.of(third, 1, third, 1), [2, 2], "kernel"),
  ]);
  onnx.output(
    "y",
    onnx.node("Add", [product, onnx.floats(Float32Array.of(third, 0), [1, 2], "bias")]),
    "float32",
    [1, 2],
  );
  const session = await InferenceSession.create(onnx.toBytes());
  const results = await session.run({ x: new Tensor("float32", Float32Array.of(1, 0), [1, 2]) });
  await session.release();
  expect([...(results.y!.data as Float32Array)]).toEqual([Math.fround(0x555 / 0x1000 + third), 1]);
});

it("refuses to name an output as a value is named already", () => {
  const onnx = new OnnxGraph("twice");
  const x = onnx.input("x", "float32", [1]);
  expect(() => onnx.output("x", x, "float32", [1])).toThrow("A value of twice is named x already.");
});
