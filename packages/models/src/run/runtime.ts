import { OnnxGraph } from "../onnx/onnx-graph.ts";
import { findLibrary, loadNative } from "../tfjs/library.ts";
import type { TfjsPurpose } from "../tfjs/open-to-train.ts";
import type { Device, Engine } from "./engine.ts";
import { createSessionPool } from "./session-pool.ts";

export interface EngineChoice {
  /** Default `onnx`. */
  engine?: Engine;
  /** Default `cpu`. */
  device?: Device;
}

/** What a choice of engine and device comes down to on this machine. */
export interface Runtime {
  engine: Engine;
  device: Device;
  /** The npm package that computes. */
  library: string;
  /** The packages whose versions belong in provenance, as seen from the module at `from`. */
  libraries: { names: readonly string[]; from: string };
}

/**
 * Finds what runs networks here, and makes sure that it does, before any work depends on it.
 *
 * @throws FerBenchError "bad-config" where the engine never runs on the device; "unavailable", with the remedy, where
 *   something is missing on this machine
 */
export async function findRuntime(
  { engine = "onnx", device = "cpu" }: EngineChoice,
  purpose: TfjsPurpose = {},
): Promise<Runtime> {
  if (engine === "onnx") {
    if (device !== "cpu") await (await createSessionPool(oneNode(), 1, device)).close();
    return runtime(engine, device, "onnxruntime-node");
  }
  const library = findLibrary(device, purpose);
  if (library.native) await loadNative(library);
  return runtime(engine, device, library.name, library.needs);
}

function runtime(engine: Engine, device: Device, library: string, needs: readonly string[] = []): Runtime {
  return { engine, device, library, libraries: { names: [library, ...needs], from: import.meta.url } };
}

/** The least that a device can be asked to load. */
function oneNode(): Uint8Array {
  const onnx = new OnnxGraph("one-node");
  onnx.result(onnx.node("Relu", [onnx.input("x", "float32", [1])]), "float32", [1]);
  return onnx.toBytes();
}
