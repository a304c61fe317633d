// One thread of a session pool; plain JavaScript for the same reason as serve-runs.mjs.
import { InferenceSession, Tensor } from "onnxruntime-node";
import { serveRuns } from "./serve-runs.mjs";

serveRuns(async (/** @type {import("./session-pool.ts").SessionStart} */ { model, options }) => {
  // The types have one signature for a path and one for bytes.
  const session =
    typeof model === "string"
      ? await InferenceSession.create(model, options)
      : await InferenceSession.create(model, options);
  const [inputName = "", outputName = ""] = [session.inputNames[0], session.outputNames[0]];
  return {
    async run(data, shape) {
      const input =
        data instanceof Uint8Array ? new Tensor("uint8", data, shape) : new Tensor("float32", data, shape);
      const results = await session.run({ [inputName]: input });
      // A copy: the runtime's own memory cannot be handed to another thread.
      return Float32Array.from(/** @type {Float32Array} */ (results[outputName]?.data));
    },
    close: () => session.release(),
  };
});
