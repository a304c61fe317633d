// One augmenting thread. Plain JavaScript, because a worker thread starts from a file: this one is the same file in the
// sources and in the build.
import { parentPort, workerData } from "node:worker_threads";
import { createPictureAugmenter, mixRows } from "./augment-pictures.mjs";
import { PLAN } from "./plan-layout.mjs";

const port = /** @type {import("node:worker_threads").MessagePort} */ (parentPort);
const { faces, targets, slots, size, channels, classes, border, fill } =
  /** @type {import("./batch-slots.ts").WorkerSettings} */ (workerData);

const pixels = size * size * channels;
const samples = faces.length / pixels;
const augment = createPictureAugmenter({ size, channels, border, fill });

/** @param {import("./batch-slots.ts").BatchSlot} slot @param {number} count */
function makeBatch(slot, count) {
  for (let i = 0; i < count; i++) {
    const plan = slot.plans.subarray(i * PLAN.length, (i + 1) * PLAN.length);
    const sample = plan[PLAN.sample];
    if (!(sample >= 0 && sample < samples)) {
      throw new RangeError(`sample ${sample} is none of the ${samples} in memory`);
    }
    const picture = faces.subarray(sample * pixels, (sample + 1) * pixels);
    augment(picture, plan, slot.pictures.subarray(i * pixels, (i + 1) * pixels));
    slot.targets.set(targets.subarray(sample * classes, (sample + 1) * classes), i * classes);
  }
  mixRows(slot.pictures.subarray(0, count * pixels), slot.plans, count);
  mixRows(slot.targets.subarray(0, count * classes), slot.plans, count);
}

port.on("message", (/** @type {import("./batch-slots.ts").WorkerRequest} */ { slot, count }) => {
  /** @type {import("./batch-slots.ts").WorkerReply} */
  let reply;
  try {
    makeBatch(slots[slot], count);
    // The flag is seen even while the training thread is busy, and reads no messages.
    Atomics.store(slots[slot].ready, 0, 1);
    reply = { kind: "ready" };
  } catch (error) {
    reply = { kind: "failed", slot, error: String(error) };
  }
  port.postMessage(reply);
});
