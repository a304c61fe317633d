import { FerBenchError, nearest } from "@fer-bench/artifacts";
import type { Graph } from "@fer-bench/models";
import type { FinetuneConfig } from "../finetune-config.ts";

/**
 * Which layers of backbone and head a training changes. A head always; of the backbone none, all, or those from a layer
 * or a block on: `block6a` is the first layer whose name is that or begins with `block6a_`.
 *
 * @throws FerBenchError "bad-config" where the backbone has no such layer or block
 */
export function whatIsTrained(
  backbone: Graph,
  trainable: FinetuneConfig["trainable"],
): (layer: string) => boolean {
  if (trainable === "all") return () => true;
  const names = backbone.layers.map(({ name }) => name);
  const first =
    trainable === "head"
      ? names.length
      : names.findIndex((name) => name === trainable.from || name.startsWith(`${trainable.from}_`));
  if (first < 0 && trainable !== "head") {
    const blocks = [...new Set(names.map((name) => name.split("_")[0]!))];
    const hint = nearest(trainable.from, [...names, ...blocks]);
    throw new FerBenchError("bad-config", `${backbone.name} has no layer or block "${trainable.from}"`, {
      field: "train.trainable.from",
      remedy: `${hint === undefined ? "" : `did you mean ${hint}? `}its blocks: ${blocks.join(", ")}`,
    });
  }
  const frozen = new Set(names.slice(0, first));
  return (layer) => !frozen.has(layer);
}
