import { parentPort } from "node:worker_threads";
import { encodeSample } from "./encode-sample.ts";
import type { RenderReply, RenderRequest } from "./render-threads.ts";

/** A thread's side of `startRenderThreads`: renders what it is sent, and sends it back. */
parentPort!.on("message", async ({ number, sample, options }: RenderRequest) => {
  const encoded = await encodeSample(sample, options);
  const png = Uint8Array.from(encoded.png);
  parentPort!.postMessage({ number, encoded: { ...encoded, png } } satisfies RenderReply, [png.buffer]);
});
