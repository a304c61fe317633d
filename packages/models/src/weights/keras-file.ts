import { Worker } from "node:worker_threads";
import { FerBenchError } from "@fer-bench/artifacts";
import { decodeNumbers, isNumberType } from "./decode-numbers.ts";
import { checkFinite } from "./finite.ts";
import type { TensorFile } from "./tensor-file.ts";

/** What `hdf5-worker.mjs` is told. */
export type Hdf5Request = { kind: "open"; path: string } | { kind: "read"; dataset: string };

export type Hdf5Reply =
  | { kind: "opened"; tensors: Hdf5Tensor[] }
  | { kind: "read"; bytes: ArrayBuffer }
  | { kind: "refused"; problem: Hdf5Problem };

export interface Hdf5Tensor {
  /** `layer/parameter` */
  name: string;
  /** Where it lies in the file. */
  dataset: string;
  shape: number[];
  /** A type of number in safetensors' words, or in words what else it is. */
  type: string;
}

export interface Hdf5Problem {
  message: string;
  /** The attribute, group or data set. */
  field?: string;
  remedy?: string;
}

/** The library has no answer to some damage but to go on for ever; nothing sound takes as long on any disk. */
const PATIENCE_MS = 60_000;

const GET_AGAIN = "get the file again, or save it again: model.save('weights.h5')";

/**
 * Keras's HDF5: a file of weights (`save_weights`, or those that Keras publishes) or of a whole model. The attributes
 * `layer_names` and `weight_names` say what there is; a tensor is called `layer/parameter`, whatever stands between.
 * Of a model inside a model, the inner layers count.
 *
 * The HDF5 library runs in a thread of its own: damage that makes it fail beyond recovery ends that thread, and its
 * memory goes with it. It reads from the disk what is asked for, so a large file takes no more than its largest tensor.
 */
export async function openKerasFile(
  path: string,
  { patienceMs = PATIENCE_MS }: { patienceMs?: number } = {},
): Promise<TensorFile> {
  const library = startLibrary(path, patienceMs);
  try {
    const opened = await library.ask({ kind: "open", path });
    if (opened.kind !== "opened") throw new Error(`unexpected answer ${opened.kind}`);
    const tensors = new Map(opened.tensors.map((tensor) => [tensor.name, tensor]));
    return {
      path,
      format: "hdf5",
      tensors,
      async read(name) {
        const found = tensors.get(name);
        if (found === undefined) throw new TypeError(`${path} has no tensor ${name}`);
        const { dataset, shape, type } = found;
        if (!isNumberType(type)) {
          throw new FerBenchError("bad-data", `${name} holds ${type}, not numbers`, {
            file: path,
            field: dataset,
            remedy: GET_AGAIN,
          });
        }
        const answer = await library.ask({ kind: "read", dataset });
        if (answer.kind !== "read") throw new Error(`unexpected answer ${answer.kind}`);
        const tensor = { shape, data: decodeNumbers(type, answer.bytes) };
        checkFinite(tensor, name, path);
        return tensor;
      },
      close: () => library.end(),
    };
  } catch (error) {
    await library.end();
    throw error;
  }
}

/** Answers come in the order of the questions. */
function startLibrary(path: string, patienceMs: number) {
  // No flags of the parent process: the worker needs none, and loaders cost start-up time. The library's own words on
  // stderr are in its errors.
  const worker = new Worker(new URL("./hdf5-worker.mjs", import.meta.url), { execArgv: [], stderr: true });
  const waiting: { resolve(reply: Hdf5Reply): void; reject(error: unknown): void; timer: NodeJS.Timeout }[] =
    [];
  let ended: FerBenchError | undefined;
  const giveUp = (why: string, cause?: unknown) => {
    ended ??= refusal(path, { message: `the HDF5 library cannot read this file: ${why}` }, cause);
    for (const { reject, timer } of waiting.splice(0)) {
      clearTimeout(timer);
      reject(ended);
    }
    return worker.terminate();
  };
  worker.on("error", (error) => void giveUp(error.message, error));
  worker.on("exit", () => void giveUp("its thread has ended"));
  worker.on("message", (reply: Hdf5Reply) => {
    const first = waiting.shift();
    if (first === undefined) return;
    clearTimeout(first.timer);
    if (reply.kind === "refused") first.reject(refusal(path, reply.problem));
    else first.resolve(reply);
  });
  return {
    ask(request: Hdf5Request): Promise<Hdf5Reply> {
      if (ended) return Promise.reject(ended);
      return new Promise((resolve, reject) => {
        const timer = setTimeout(
          () => void giveUp(`it did not answer within ${patienceMs / 1000} s`),
          patienceMs,
        );
        waiting.push({ resolve, reject, timer });
        worker.postMessage(request);
      });
    },
    async end() {
      await giveUp("it is closed");
    },
  };
}

function refusal(path: string, { message, field, remedy }: Hdf5Problem, cause?: unknown): FerBenchError {
  return new FerBenchError("bad-data", message, { file: path, field, remedy: remedy ?? GET_AGAIN, cause });
}
