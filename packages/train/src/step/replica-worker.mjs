// One replica: it works out the gradients of whole batches by itself, on its own threads. Plain JavaScript, because a
// worker thread starts from a file: this one is the same file in the sources and in the build.
import { parentPort, workerData } from "node:worker_threads";
import { InferenceSession, Tensor } from "onnxruntime-node";

const port = /** @type {import("node:worker_threads").MessagePort} */ (parentPort);
const {
  bytes,
  session: options,
  parameters,
  noise,
  batch,
  shape,
  classes,
} = /** @type {import("./replica-messages.ts").ReplicaSettings} */ (workerData);

const session = await InferenceSession.create(bytes, options);
// The runtime takes no shared memory as input.
const own = parameters.map(({ name, shared }) => ({ name, shared, data: new Float32Array(shared.length) }));
let step = -1;

/** @param {Float32Array} data @param {readonly number[]} dimensions */
const floats = (data, dimensions) => new Tensor("float32", data, [...dimensions]);

/** @param {import("./replica-messages.ts").ReplicaRequest} request */
async function work({ step: asked, samples, targets, weights, masks, gradients }) {
  if (step !== asked) for (const { shared, data } of own) data.set(shared);
  step = asked;
  /** @type {Record<string, Tensor>} */
  const feeds = {
    samples:
      samples instanceof Uint8Array ? new Tensor("uint8", samples, [...shape]) : floats(samples, shape),
    targets: floats(targets, [batch, classes]),
    weights: floats(weights, [batch]),
  };
  noise.forEach(({ name, channels }, i) => {
    feeds[name] = floats(masks[i], [channels, 1, batch]);
  });
  for (const { name, data } of own) feeds[name] = floats(data, [data.length]);
  const loss = new Float32Array(1);
  const logits = new Float32Array(batch * classes);
  /** @type {Record<string, Tensor>} */
  const fetches = {};
  for (const { name, data } of gradients) fetches[name] = floats(data, [data.length]);
  fetches["step/loss"] = floats(loss, []);
  fetches["step/logits"] = floats(logits, [batch, classes]);
  await session.run(feeds, fetches);
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
