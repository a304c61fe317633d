import { serveRuns } from "../run/serve-runs.mjs";
import { loadTensorFlow } from "./library.ts";
import type { TfjsStart } from "./tfjs-pool.ts";
import { createTfjsRunner } from "./tfjs-runner.ts";

/** One thread of a pool of TensorFlow.js networks. */
serveRuns(async ({ library, model }: TfjsStart) => createTfjsRunner(await loadTensorFlow(library), model));
