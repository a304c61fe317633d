// A worker thread's side of a worker pool. Plain JavaScript, because a thread starts from a file: this one is the same
// in the sources and in the build.
import { parentPort } from "node:worker_threads";

/** @typedef {import("./batch-runner.ts").RowData} RowData */
/** @typedef {import("./worker-pool.ts").WorkerReply} WorkerReply */
/** @typedef {import("./worker-pool.ts").WorkerRequest} WorkerRequest */

/**
 * A network in this thread. What `run` resolves to is given away, so it is nobody else's memory.
 * @typedef {{
 *   run(data: RowData, shape: number[]): Promise<Float32Array<ArrayBuffer>>,
 *   close(): Promise<void> | void,
 * }} ThreadRunner
 */

/**
 * Serves the pool: makes the network from what it is told to start from, then runs it, one request after the other.
 * @template Start
 * @param {(from: Start) => Promise<ThreadRunner>} start
 */
export function serveRuns(start) {
  const port = /** @type {import("node:worker_threads").MessagePort} */ (parentPort);

  /** @param {WorkerReply} message @param {ArrayBuffer[]} [transfer] */
  const reply = (message, transfer = []) => port.postMessage(message, transfer);

  /** @param {ThreadRunner} runner @param {WorkerRequest} request */
  const serve = async (runner, { id, data, shape }) => {
    try {
      const output = await runner.run(data, shape);
      reply({ kind: "done", id, output }, [output.buffer]);
    } catch (error) {
      reply({ kind: "failed", id, error: String(error) });
    }
  };

  /** @type {Promise<ThreadRunner>} */
  let runner;
  let last = Promise.resolve();
  port.on("message", (/** @type {import("./worker-pool.ts").WorkerMessage<Start>} */ message) => {
    if (message.kind === "start") {
      runner = start(message.from);
      runner.then(
        () => reply({ kind: "ready" }),
        (error) => reply({ kind: "refused", error: String(error) }),
      );
      return;
    }
    last = last.then(async () => {
      if (message.kind === "run") return serve(await runner, message);
      await (await runner).close();
      port.close();
    });
  });
}
