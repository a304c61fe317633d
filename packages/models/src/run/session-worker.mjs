// One thread of a session pool. Plain JavaScript, because a worker thread starts from a file: this one is the same
// file in the sources and in the build.
import { parentPort } from "node:worker_threads";
import { InferenceSession, Tensor } from "onnxruntime-node";

/** @typedef {import("./session-pool.ts").WorkerMessage} WorkerMessage */
/** @typedef {import("./session-pool.ts").WorkerReply} WorkerReply */
/** @typedef {import("./session-pool.ts").WorkerRequest} WorkerRequest */

const port = /** @type {import("node:worker_threads").MessagePort} */ (parentPort);

/** @param {WorkerReply} message @param {ArrayBuffer[]} [transfer] */
const reply = (message, transfer = []) => port.postMessage(message, transfer);

/** @param {InferenceSession} session @param {WorkerRequest} request */
async function serve(session, { id, data, shape }) {
  const [inputName = "", outputName = ""] = [session.inputNames[0], session.outputNames[0]];
  const input =
    data instanceof Uint8Array ? new Tensor("uint8", data, shape) : new Tensor("float32", data, shape);
  try {
    const results = await session.run({ [inputName]: input });
    // A copy: the runtime's own memory cannot be handed to another thread.
    const output = Float32Array.from(/** @type {Float32Array} */ (results[outputName]?.data));
    reply({ kind: "done", id, output }, [output.buffer]);
  } catch (error) {
    reply({ kind: "failed", id, error: String(error) });
  }
}

/** @type {Promise<InferenceSession>} */
let session;
/** Requests are served one after the other. */
let last = Promise.resolve();
port.on("message", (/** @type {WorkerMessage} */ message) => {
  if (message.kind === "start") {
    session = InferenceSession.create(message.model, message.options);
    session.then(
      () => reply({ kind: "ready" }),
      (error) => reply({ kind: "refused", error: String(error) }),
    );
    return;
  }
  last = last.then(async () => {
    if (message.kind === "run") return serve(await session, message);
    await (await session).release();
    port.close();
  });
});
