import { libraryVersion } from "@fer-bench/artifacts";
import { describe, expect, it } from "vitest";
import { findRuntime } from "./runtime.ts";

describe("finding what runs networks", () => {
  it("is onnxruntime-node on the CPU unless told otherwise", async () => {
    expect(await findRuntime({})).toMatchObject({
      engine: "onnx",
      device: "cpu",
      library: "onnxruntime-node",
      libraries: { names: ["onnxruntime-node"] },
    });
  });

  it("is the fastest TensorFlow.js that is installed, with the versions that it needs", async () => {
    const { library, libraries } = await findRuntime({ engine: "tfjs" });
    expect(library).toBe("@tensorflow/tfjs-backend-wasm");
    const versions = libraries.names.map((name) => libraryVersion(name, libraries.from));
    expect(libraries.names).toContain("@tensorflow/tfjs-layers");
    for (const version of versions) expect(version).toMatch(/^\d+\.\d+\.\d+$/);
  });

  it("is one that has every gradient, where it is to train", async () => {
    const { library } = await findRuntime({ engine: "tfjs" }, { training: true });
    expect(library).toBe("@tensorflow/tfjs-backend-cpu");
  });

  it("says how to install what TensorFlow.js needs for CUDA", async () => {
    await expect(findRuntime({ engine: "tfjs", device: "cuda" })).rejects.toMatchObject({
      code: "unavailable",
      message: "the engine tfjs on the device cuda needs @tensorflow/tfjs-node-gpu, which is not installed",
      remedy: expect.stringMatching(/^npm install @tensorflow\/tfjs-node-gpu \(.*CUDA 11\.2 and cuDNN 8\.1/),
    });
  });

  it("refuses a pair that never works", async () => {
    await expect(findRuntime({ engine: "tfjs", device: "webgpu" })).rejects.toMatchObject({
      code: "bad-config",
      field: "device",
      remedy: expect.stringContaining("engine onnx"),
    });
  });

  it("says how to install ONNX Runtime's CUDA provider where it does not load", async () => {
    // Where it is installed and there is a GPU, there is nothing to refuse.
    const found = await findRuntime({ device: "cuda" }).catch((error: unknown) => error);
    if (!(found instanceof Error))
      return expect(found).toMatchObject({ library: "onnxruntime-node", device: "cuda" });
    expect(found).toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("cannot use the device cuda here"),
      remedy: expect.stringContaining("ONNXRUNTIME_NODE_INSTALL=cuda12"),
    });
  });
});
