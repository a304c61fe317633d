// One replica: it works out the gradients of whole batches by itself, on its own threads. Plain JavaScript, because a
// worker thread starts from a file: this one is the same file in the sources and in the build.
import { parentPort, workerData } from "node:worker_threads";
import { InferenceSession } from "onnxruntime-node";
import { batchTensors, floats, resultTensors } from "./step-tensors.mjs";

const port = /** @type {import("node:worker_threads").MessagePort} */ (parentPort);
const {
  bytes,
  session: options,
  parameters,
  layout,
} = /** @type {import("./replica-messages.ts").ReplicaSettings} */ (workerData);

const session = await InferenceSession.create(bytes, options);
// The runtime takes no shared memory as input.
const own = parameters.map(({ name, shared }) => ({ name, shared, data: new Float32Array(shared.length) }));
let step = -1;

/** @param {readonly { name: string, data: Float32Array }[]} vectors */
const tensorsOf = (vectors) =>
  Object.fromEntries(vectors.map(({ name, data }) => [name, floats(data, [data.length])]));

/** @param {import("./replica-messages.ts").ReplicaRequest} request */
async function work({ step: asked, gradients, ...feeds }) {
  if (step !== asked) for (const { shared, data } of own) data.set(shared);
  step = asked;
  const { loss, logits, fetches } = resultTensors(layout);
  await session.run(
    { ...batchTensors(layout, feeds), ...tensorsOf(own) },
    { ...tensorsOf(gradients), ...fetches },
  );
  return { loss: loss[0], logits };
}

port.on("message", async (/** @type {import("./replica-messages.ts").ReplicaRequest} */ request) => {
  /** @type {import("./replica-messages.ts").ReplicaReply} */
  let reply;
  try {
    reply = { kind: "done", index: request.index, ...(await work(request)), gradients: request.gradients };
  } catch (error) {
    reply = { kind: "failed", error: String(error) };
  }
  port.postMessage(reply, reply.kind === "done" ? reply.gradients.map(({ data }) => data.buffer) : []);
});
