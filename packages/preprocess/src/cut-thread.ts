import { parentPort, workerData } from "node:worker_threads";
import { FerBenchError } from "@fer-bench/artifacts";
import { type CutSettings, openFaceCutter } from "./cut-faces.ts";
import type { CutReply, CutRequest } from "./cut-threads.ts";

/** A thread's side of `startCutThreads`: cuts the faces of what it is sent, one picture after the other. */
const opening = openFaceCutter(workerData as CutSettings);
// Who sends the first picture hears of it.
opening.catch(() => {});
parentPort!.on("message", async ({ number, sample }: CutRequest) => {
  const reply = await opening
    .then((cut) => cut(sample))
    .then(
      (faces): CutReply => ({ number, faces }),
      (error: unknown): CutReply => ({ number, error: plain(error) }),
    );
  parentPort!.postMessage(
    reply,
    "faces" in reply ? reply.faces.map(({ chip }) => chip.buffer as ArrayBuffer) : [],
  );
});

/** An error as a message between threads carries it. */
function plain(error: unknown): unknown {
  if (!(error instanceof FerBenchError)) return error;
  const { code, message, file, field, remedy } = error;
  return { code, message, file, field, remedy };
}
