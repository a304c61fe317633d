// One thread of a session pool. Plain JavaScript, because a worker thread starts from a file: this one is the same
// file in the sources and in the build.
import { parentPort, workerData } from "node:worker_threads";
import { InferenceSession, Tensor } from "onnxruntime-node";

/** @typedef {import("./session-pool.ts").WorkerSetup} WorkerSetup */
/** @typedef {import("./session-pool.ts").WorkerRequest} WorkerRequest */
/** @typedef {import("./session-pool.ts").WorkerReply} WorkerReply */

const port = /** @type {import("node:worker_threads").MessagePort} */ (parentPort);
const setup = /** @type {WorkerSetup} */ (workerData);
const session = await InferenceSession.create(setup.model, setup.options);
const outputName = /** @type {string} */ (session.outputNames[0]);

/** @param {WorkerReply} message @param {ArrayBuffer[]} [transfer] */
const reply = (message, transfer = []) => port.postMessage(message, transfer);

/** @param {WorkerRequest} request */
async function serve({ id, data, shape }) {
  try {
    const input =
      data instanceof Uint8Array ? new Tensor("uint8", data, shape) : new Tensor("float32", data, shape);
    const results = await session.run({ [setup.inputName]: input });
    // A copy: the runtime's own memory cannot be handed to another thread.
    const output = Float32Array.from(/** @type {Float32Array} */ (results[outputName]?.data));
    reply({ id, output }, [output.buffer]);
  } catch (error) {
    reply({ id, error: String(error) });
  }
}

let last = Promise.resolve();
port.on("message", (/** @type {WorkerRequest | "close"} */ message) => {
  last = last.then(async () => {
    if (message !== "close") return serve(message);
    await session.release();
    port.close();
  });
});
reply({ id: -1 });
