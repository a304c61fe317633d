import { EMOTIONS } from "./facts.ts";

/*
 * How ten people's votes become a label: the rules of the authors' own code (E. Barsoum et al., "Training Deep Networks
 * for Facial Expression Recognition with Crowd-Sourced Label Distribution", ICMI 2016, and github.com/microsoft/FERPlus).
 * Votes are in the order of the file's columns: eight emotions, unknown, NF (not a face).
 */

/** Why an image has no label. */
export type Reason = "unknown" | "not a face" | "no majority" | "votes spread too widely";

/** The emotion with the most votes, or why there is none, and what counts towards each emotion. */
export type Verdict =
  | { readonly emotion: number; readonly votes: readonly number[] }
  | { readonly dropped: Reason };

const UNKNOWN = EMOTIONS.length;

/**
 * The class of more than half of the votes, single votes not counted. The votes that come with it are those cast for
 * the emotions, single ones too.
 */
export function majorityLabel(votes: readonly number[]): Verdict {
  const counted = withoutSingles(votes);
  const most = Math.max(...counted);
  if (2 * most <= sum(counted)) return { dropped: "no majority" };
  const winner = counted.indexOf(most);
  if (winner >= UNKNOWN) return { dropped: reasonOf(winner) };
  return { emotion: winner, votes: votes.slice(0, UNKNOWN) };
}

/**
 * A distribution over at most three classes: the most voted for are taken, those of a number together, until they have
 * three quarters of the votes, single ones not counted. Where unknown or NF come first, where what was taken is no more
 * than half of the votes, or where more than three classes would be, the image is dropped.
 */
export function softLabel(votes: readonly number[]): Verdict {
  const left = withoutSingles(votes);
  const all = sum(left);
  const taken = votes.map(() => 0);
  let classes = 0;
  let stopped = false;
  while (sum(taken) < 0.75 * all && classes < 3 && !stopped) {
    const most = Math.max(...left);
    for (let i = 0; i < left.length; i++) {
      if (left[i] !== most) continue;
      taken[i] = most;
      left[i] = 0;
      classes += 1;
      if (i < UNKNOWN) continue;
      stopped = true;
      // Emotions that came before it stand without it.
      if (sum(taken) > most) {
        taken[i] = 0;
        classes -= 1;
      }
      break;
    }
  }
  if (2 * sum(taken) <= all || classes > 3) return { dropped: "votes spread too widely" };
  const winner = taken.indexOf(Math.max(...taken));
  if (winner >= UNKNOWN) return { dropped: reasonOf(winner) };
  return { emotion: winner, votes: taken.slice(0, UNKNOWN) };
}

function reasonOf(column: number): Reason {
  return column === UNKNOWN ? "unknown" : "not a face";
}

function withoutSingles(votes: readonly number[]): number[] {
  return votes.map((count) => (count > 1 ? count : 0));
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}
