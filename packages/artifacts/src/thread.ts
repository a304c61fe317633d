import { Worker, type WorkerOptions } from "node:worker_threads";

/**
 * Starts a worker thread from a module beside the caller's: `openThread("./render-thread", import.meta.url)`. The
 * compiled package starts the file itself; run from its sources, a thread first needs the loader for TypeScript, which
 * Node 20 does not hand on to threads.
 */
export function openThread(module: string, from: string, options: WorkerOptions = {}): Worker {
  if (!from.endsWith(".ts")) return new Worker(new URL(`${module}.js`, from), options);
  const loader = import.meta.resolve("tsx/esm/api");
  const entry = new URL(`${module}.ts`, from).href;
  const start = `import(${JSON.stringify(loader)}).then(({ register }) => { register(); return import(${JSON.stringify(entry)}); });`;
  return new Worker(start, { ...options, eval: true });
}
