import { createRequire } from "node:module";
import { FerBenchError, libraryVersion } from "@fer-bench/artifacts";
import type { Device } from "../run/engine.ts";
import type { TfjsPurpose } from "./open-to-train.ts";
import type { TensorFlow } from "./tensorflow.ts";

/** A package that TensorFlow.js computes with in Node. All are optional peers of this one. */
export interface TfjsLibrary {
  name: string;
  /** Packages that it does not bring along. */
  needs: readonly string[];
  /** It computes natively, with threads of its own; the others have one thread each. */
  native: boolean;
  gpu: boolean;
  /** False where it lacks gradients of convolutions. */
  trains?: false;
}

const SEPARATE = ["@tensorflow/tfjs-core", "@tensorflow/tfjs-layers"];

/** The fastest first. */
const LIBRARIES: Record<"cpu" | "cuda", readonly TfjsLibrary[]> = {
  cpu: [
    { name: "@tensorflow/tfjs-node", needs: [], native: true, gpu: false },
    { name: "@tensorflow/tfjs-backend-wasm", needs: SEPARATE, native: false, gpu: false, trains: false },
    { name: "@tensorflow/tfjs-backend-cpu", needs: SEPARATE, native: false, gpu: false },
  ],
  cuda: [{ name: "@tensorflow/tfjs-node-gpu", needs: [], native: true, gpu: true }],
};

const REMEDIES: Record<"cpu" | "cuda" | "training", string> = {
  cpu: `npm install @tensorflow/tfjs-backend-wasm ${SEPARATE.join(" ")}, or use the engine onnx`,
  cuda:
    "npm install @tensorflow/tfjs-node-gpu (Linux or Windows with an NVIDIA driver, CUDA 11.2 and cuDNN 8.1), " +
    "or use the engine onnx or the device cpu",
  training:
    "npm install @tensorflow/tfjs-node, or use the engine onnx (WebAssembly lacks the gradients of convolutions)",
};

/**
 * What TensorFlow.js computes with here: the first that is installed.
 *
 * @throws FerBenchError "bad-config" where it never runs on the device in Node; "unavailable" that says what to install
 */
export function findLibrary(device: Device, { training = false }: TfjsPurpose = {}): TfjsLibrary {
  if (device === "webgpu") {
    throw new FerBenchError("bad-config", "the engine tfjs does not run on the device webgpu in Node", {
      field: "device",
      remedy: "use the engine onnx on webgpu, or the device cpu or cuda",
    });
  }
  const isInstalled = (name: string) => libraryVersion(name, import.meta.url) !== undefined;
  const suitable = LIBRARIES[device].filter(({ trains }) => !training || trains !== false);
  const library = suitable.find(({ name, needs }) => [name, ...needs].every(isInstalled));
  if (library === undefined) {
    const wanted = suitable.map(({ name }) => name);
    const purpose = training ? "to train, " : "";
    throw new FerBenchError(
      "unavailable",
      `${purpose}the engine tfjs on the device ${device} needs ${wanted.join(" or ")}, which ${wanted.length > 1 ? "are" : "is"} not installed`,
      { field: "engine", remedy: REMEDIES[training && device === "cpu" ? "training" : device] },
    );
  }
  return library;
}

/** Loads TensorFlow.js with that library as its backend; once in a thread, later calls give the same. */
export async function loadTensorFlow({ name, needs }: TfjsLibrary): Promise<TensorFlow> {
  // By `require`: not all of these packages name their exports in a way that ES modules can see.
  const require = createRequire(import.meta.url);
  const parts = [...needs, name].map((part) => require(part) as object);
  const tf: TensorFlow = Object.assign({}, ...parts);
  const backend = /-backend-(\w+)$/.exec(name)?.[1];
  if (backend === undefined) return tf;
  // Its own checks cost time, and its plain JavaScript greets whoever starts it.
  tf.enableProdMode();
  if (!(await tf.setBackend(backend))) {
    throw new FerBenchError("unavailable", `${name} does not start`, {
      field: "engine",
      remedy: REMEDIES.cpu,
    });
  }
  return tf;
}

/**
 * Loads a native library and makes sure that it computes where it should: without a GPU it would quietly use the CPU.
 *
 * @throws FerBenchError "unavailable"
 */
export async function loadNative(library: TfjsLibrary): Promise<TensorFlow> {
  const unavailable = (why: string, remedy: string, cause?: unknown) =>
    new FerBenchError("unavailable", `${library.name} ${why}`, { field: "device", remedy, cause });
  const tf = await loadTensorFlow(library).catch((cause: unknown) => {
    const remedy = `npm rebuild ${library.name} --build-addon-from-source, or remove it`;
    throw unavailable(`cannot be loaded: ${String(cause)}`, remedy, cause);
  });
  const backend = tf.backend() as { isUsingGpuDevice?: boolean };
  if (library.gpu && backend.isUsingGpuDevice !== true) {
    throw unavailable(
      "finds no GPU",
      "install an NVIDIA driver, CUDA 11.2 and cuDNN 8.1, or use the device cpu",
    );
  }
  return tf;
}
