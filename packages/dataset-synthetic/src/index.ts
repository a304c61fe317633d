import type { DatasetPackage } from "@fer-bench/datasets";
import { generate } from "./generate.ts";
import { type SyntheticOptions, syntheticOptions } from "./options.ts";
import { samples } from "./samples.ts";

/** Portraits rendered in code, with seven expressions given by their action units. */
export const dataset: DatasetPackage<SyntheticOptions> = {
  name: "synthetic",
  options: syntheticOptions,
  generate,
  samples,
};
export default dataset;

export { ACTION_UNITS, type ActionUnit, type ActionUnits, type Activation } from "./action-units.ts";
export { EXPRESSIONS, type Expression, type Performance, perform } from "./expressions.ts";
export { drawIdentity, type Identity } from "./identity.ts";
export { type SyntheticOptions, syntheticOptions } from "./options.ts";
export { type Portrait, renderPortrait } from "./portrait.ts";
export { renderFace } from "./render-face.ts";
export { drawScene, type Scene, type SceneOptions } from "./scene.ts";
