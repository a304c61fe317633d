import { Worker } from "node:worker_threads";
import { FerBenchError } from "@fer-bench/artifacts";
import type { InferenceSession } from "onnxruntime-node";
import type { SplitModel } from "../onnx/onnx-graph.ts";
import type { BatchRunner } from "./batch-runner.ts";
import type { Device } from "./engine.ts";
import { startFromFiles } from "./model-files.ts";
import { startWorkerPool } from "./worker-pool.ts";

/** What `session-worker.mjs` starts from: a model's bytes or its path. */
export interface SessionStart {
  model: Uint8Array | string;
  options: InferenceSession.SessionOptions;
}

const SESSION_OPTIONS: InferenceSession.SessionOptions = {
  graphOptimizationLevel: "all",
  executionMode: "sequential",
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
};

const REMEDIES: Partial<Record<Device, string>> = {
  webgpu:
    "use the device cpu, or install the driver of a GPU (Vulkan on Linux, Direct3D 12, Metal); " +
    "Vulkan's VK_DRIVER_FILES can name one in software, such as SwiftShader's",
  cuda:
    "use the device cpu, or install CUDA 12 with cuDNN 9 and then, on Linux x64, ONNX Runtime's provider: " +
    "ONNXRUNTIME_NODE_INSTALL=cuda12 node node_modules/onnxruntime-node/script/install.js",
};

/**
 * Sessions of one model (one input, one output) in worker threads, a core each. Batches side by side need no
 * synchronisation inside an operator: faster on free cores than one session of many threads, and far steadier on
 * shared ones. A GPU has one session, and one thread to feed it. A split model's constants are mapped into memory
 * once for all sessions.
 *
 * @throws FerBenchError "unavailable" with the remedy where the device is not there
 */
export async function createSessionPool(
  model: Uint8Array | SplitModel,
  threads: number,
  device: Device = "cpu",
): Promise<BatchRunner> {
  const start = (given: Uint8Array | string) =>
    startWorkerPool<SessionStart>({
      threads: device === "cpu" ? threads : 1,
      // No flags of the parent process: the worker needs none, and loaders cost start-up time.
      open: () => new Worker(new URL("./session-worker.mjs", import.meta.url), { execArgv: [] }),
      from: { model: given, options: { ...SESSION_OPTIONS, executionProviders: [device] } },
      failure: (cause, during) => failure(cause, during === "start" ? device : "cpu"),
    });
  const create = () => (model instanceof Uint8Array ? start(model) : startFromFiles(model, start));
  return device === "webgpu" ? takingTurns(create) : create();
}

function failure(cause: unknown, device: Device): FerBenchError {
  const remedy = REMEDIES[device];
  if (remedy === undefined) {
    return new FerBenchError("internal", `ONNX Runtime failed: ${String(cause)}`, { cause });
  }
  // Behind the place in its source and the condition that did not hold.
  const reason = String(cause)
    .split(/ was false\.\s*/)
    .at(-1)!
    .trim();
  return new FerBenchError("unavailable", `ONNX Runtime cannot use the device ${device} here: ${reason}`, {
    field: "device",
    remedy,
    cause,
  });
}

let lastTurn: Promise<unknown> = Promise.resolve();

/**
 * One thing after another, in the whole process: all WebGPU sessions of ONNX Runtime 1.30 share a context that two
 * threads at once corrupt (its issue 32561; two workers side by side crash here, too).
 */
async function takingTurns(create: () => Promise<BatchRunner>): Promise<BatchRunner> {
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = lastTurn.then(work);
    lastTurn = turn.catch(() => {});
    return turn;
  };
  const runner = await inTurn(create);
  return {
    concurrency: runner.concurrency,
    run: (data, shape) => inTurn(() => runner.run(data, shape)),
    close: () => inTurn(() => runner.close()),
  };
}
