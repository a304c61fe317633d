import { FerBenchError } from "@fer-bench/artifacts";
import {
  boxAround,
  type Inventory,
  type RawSample,
  splitBySubject,
  subjectSplitSettings,
} from "@fer-bench/datasets";
import { z } from "zod";
import type { Contents, Sequence } from "./contents.ts";
import { EMOTIONS } from "./facts.ts";

/** Which frames are samples, of which classes, and how people are shared out. */
export const protocolSchema = z.strictObject({
  /** Of each labelled sequence, its last frame, where the expression is strongest, or its last three. */
  frames: z.enum(["last", "last-three"]).default("last"),
  /** Whether its first frame is a sample, too: a neutral face. */
  neutral: z.boolean().default(false),
  /** Contempt is the eighth expression, which other sets do not have. */
  contempt: z.enum(["drop", "keep"]).default("drop"),
  /** People are never in two splits: frames of one sequence are nearly the same picture. */
  split: subjectSplitSettings.prefault({ kind: "folds" }),
});
export type CkPlusOptions = z.infer<typeof protocolSchema>;

type Planned = Omit<RawSample, "image">;

/** Every sample but its pixels: by subject, sequence and frame. */
export function planSamples(contents: Contents, options: CkPlusOptions, rawDir: string): Planned[] {
  const kept = contents.sequences.filter((sequence) => isKept(sequence, options));
  const frames = kept.flatMap((sequence) => framesOf(sequence, options, rawDir));
  const splits = splitBySubject(
    frames.map(({ subject, label }) => ({ subject: subject!, label })),
    options.split,
  );
  return frames.map((frame, i) => ({ ...frame, split: splits[i]! }));
}

/** What was imported, and what the protocol leaves out of it. */
export function inventoryOf(contents: Contents, options: CkPlusOptions): Inventory {
  const { sequences, unlabelled, subjects } = contents;
  const tally: Record<string, number> = { subjects, "sequences without an emotion": unlabelled };
  for (const { emotion } of sequences) {
    const expression = EMOTIONS[emotion]!;
    tally[expression] = (tally[expression] ?? 0) + 1;
  }
  const left = sequences.filter((sequence) => !isKept(sequence, options));
  return {
    tally,
    dropped: [
      { reason: "sequences without an emotion", count: unlabelled },
      { reason: "sequences of contempt", count: left.length, examples: left.map(({ name }) => name) },
    ].filter(({ count }) => count > 0),
  };
}

function isKept({ emotion }: Sequence, { contempt }: CkPlusOptions): boolean {
  return contempt === "keep" || EMOTIONS[emotion] !== "contempt";
}

function framesOf(
  sequence: Sequence,
  { frames, neutral }: CkPlusOptions,
  rawDir: string,
): Omit<Planned, "split">[] {
  const { subject, emotion, first, last, landmarks } = sequence;
  if (neutral && first === undefined) {
    throw new FerBenchError("bad-config", "the 48x48 faces have no first frames to be neutral", {
      file: rawDir,
      field: "options.neutral",
      remedy: 'set it to false, or import CK+ with its sequences, as "ck-plus"',
    });
  }
  const of = (frame: string, label: string): Omit<Planned, "split"> => {
    const points = landmarks[frame];
    return {
      id: `ck-plus-${frame}`,
      label,
      subject,
      path: pathOf(frame),
      ...(points && { landmarks: Float32Array.from(points), box: boxAround(points) }),
    };
  };
  const chosen = frames === "last" ? last.slice(-1) : last;
  return [
    ...(neutral && first !== undefined && !chosen.includes(first) ? [of(first, "neutral")] : []),
    ...chosen.map((frame) => of(frame, EMOTIONS[emotion]!)),
  ];
}

/** Where a frame is in the import: as CK+ has it. */
export function pathOf(frame: string): string {
  const [subject, sequence] = frame.split("_");
  return `cohn-kanade-images/${subject}/${sequence}/${frame}.png`;
}
