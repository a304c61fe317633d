import { Worker } from "node:worker_threads";

/** Starts a thread from a file of plain JavaScript. It keeps the process alive only while it is held by `ref`. */
export function startWorkerThread(file: URL, settings: object): Worker {
  // No flags of the parent process: the worker needs none, and loaders cost start-up time.
  const worker = new Worker(file, { execArgv: [], workerData: settings });
  worker.unref();
  return worker;
}
