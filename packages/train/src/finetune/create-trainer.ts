import type { Engine } from "@fer-bench/models";
import { createNetworkTrainer } from "../step/network-trainer.ts";
import type { NetworkTrainer, NetworkTrainerOptions } from "../step/trainer.ts";
import { createTfjsTrainer } from "../tfjs/tfjs-trainer.ts";

/** A network's trainer on an engine. */
export function createTrainer(engine: Engine, options: NetworkTrainerOptions): Promise<NetworkTrainer> {
  return engine === "tfjs" ? createTfjsTrainer(options) : createNetworkTrainer(options);
}
