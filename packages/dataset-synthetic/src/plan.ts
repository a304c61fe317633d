import { createRandom, deriveSeed } from "@fer-bench/artifacts";
import { CANONICAL_LABELS, type Label, SPLITS, type Split } from "@fer-bench/datasets";
import { type Performance, perform } from "./expressions.ts";
import { drawIdentity, type Identity, subjectName } from "./identity.ts";
import type { SyntheticOptions } from "./options.ts";
import { type Portrait, renderPortrait } from "./portrait.ts";
import { drawScene, type Scene } from "./scene.ts";

/** One picture to be made: who, with which expression, in which split. */
export interface PlannedSample {
  readonly id: string;
  readonly split: Split;
  readonly label: Label;
  /** Number of the identity, over all splits. */
  readonly person: number;
  readonly repetition: number;
  /** Name inside the archive. */
  readonly path: string;
}

/** All pictures in record order: by split, person, expression and repetition. People are numbered through. */
export function* planSamples(options: SyntheticOptions): Generator<PlannedSample> {
  let person = 0;
  for (const split of SPLITS) {
    for (let i = 0; i < options.identities[split]; i++, person++) {
      for (const label of CANONICAL_LABELS) {
        for (let repetition = 0; repetition < options.samplesPerExpression; repetition++) {
          const id = `${subjectName(person)}-${label}-${repetition}`;
          yield { id, split, label, person, repetition, path: `${split}/${id}.png` };
        }
      }
    }
  }
}

/** How many pictures the plan has. */
export function countSamples({ identities, samplesPerExpression }: SyntheticOptions): number {
  const people = SPLITS.reduce((sum, split) => sum + identities[split], 0);
  return people * CANONICAL_LABELS.length * samplesPerExpression;
}

/** A picture with everything that is known about it. */
export interface RenderedSample {
  readonly identity: Identity;
  readonly performance: Performance;
  readonly scene: Scene;
  readonly portrait: Portrait;
}

/** Makes one planned picture; it depends on the options and on its own place in the plan only. */
export function renderSample(sample: PlannedSample, options: SyntheticOptions): RenderedSample {
  const identity = drawIdentity(options.seed, sample.person);
  const parts = [options.seed, "picture", sample.person, sample.label, sample.repetition] as const;
  const performance = perform(sample.label, createRandom(...parts, "expression"), options.weakest);
  const scene = drawScene(deriveSeed(...parts), identity, options);
  return {
    identity,
    performance,
    scene,
    portrait: renderPortrait(identity, performance.units, scene, options.size),
  };
}
