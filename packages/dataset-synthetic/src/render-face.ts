import { createRandom, deriveSeed } from "@fer-bench/artifacts";
import type { Label } from "@fer-bench/datasets";
import { perform } from "./expressions.ts";
import { drawIdentity } from "./identity.ts";
import { type Portrait, renderPortrait } from "./portrait.ts";
import { drawScene } from "./scene.ts";

/**
 * One picture, `size` x `size`: the face of person number `person` with a marked expression, nothing in front of it.
 * `take` counts further pictures of the same. For the fixtures of sets whose own images may not be passed on.
 */
export function renderFace(person: number, label: Label, size: number, take = 0): Portrait {
  const seed = ["a face", person, label, take] as const;
  const identity = drawIdentity(0, person);
  const { units } = perform(label, createRandom(...seed), 0.8);
  const scene = drawScene(deriveSeed(...seed), identity, { size, variation: 0.4, occlusion: 0 });
  return renderPortrait(identity, units, scene, size);
}
