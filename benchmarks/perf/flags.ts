import { parseArgs } from "node:util";

/**
 * Every flag of every measurement, so that `npm run bench:perf` can hand the same ones to each; a measurement takes
 * those that mean something to it, and has its own defaults.
 */
export const { values: flags } = parseArgs({
  options: {
    /** The result on stdout as JSON. */
    json: { type: "boolean", default: false },
    /** Alternating rounds. */
    rounds: { type: "string" },
    /** Images a round. */
    images: { type: "string" },
    backbone: { type: "string" },
    /** EfficientNets, separated by commas. */
    variants: { type: "string" },
    /** Side of the pictures in pixels. */
    size: { type: "string" },
    channels: { type: "string" },
    batch: { type: "string" },
    threads: { type: "string" },
    samples: { type: "string" },
    inputs: { type: "string" },
    hidden: { type: "string" },
    epochs: { type: "string" },
    /** Training steps a round. */
    steps: { type: "string" },
    /** A .npy of features, [samples, width]. */
    features: { type: "string" },
    iterations: { type: "string" },
    /** A python3 that has torch and torchvision, and scikit-learn. */
    python: { type: "string" },
    /** A folder or archive of photographs. */
    photographs: { type: "string" },
  },
});

export function numberFlag(name: Exclude<keyof typeof flags, "json">, otherwise: number): number {
  return Number(flags[name] ?? otherwise);
}
