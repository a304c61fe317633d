import { type Dropped, type Expression, expressionOf, readTable } from "@fer-bench/datasets";

/*
 * `legend.csv` is the work of many hands: labels in any case and form (`HAPPINESS`, `happiness`, `happy`), images listed
 * more than once. The rules: a label is the expression that its word means; an image that is listed again with the same
 * label counts once; one that is listed with different labels has none; a word that means no expression labels nothing.
 */

/** A photograph and its label. */
export interface Labelled {
  /** `Aaron_Patterson_0001.jpg` */
  readonly image: string;
  readonly label: Expression;
}

export interface Legend {
  /** In the order of their first rows. */
  readonly labelled: readonly Labelled[];
  /** Rows by label; by the word itself where it means no expression. */
  readonly tally: Readonly<Record<string, number>>;
  readonly dropped: readonly Dropped[];
  /** How many labels were spelt otherwise than the expression is called. */
  readonly respelt: number;
}

/** FerBenchError where it is not a table with the columns image and emotion. */
export function readLegend(bytes: Buffer, file: string): Legend {
  const { rows } = readTable(bytes, file, ["image", "emotion"]);
  const tally: Record<string, number> = {};
  const labels = new Map<string, Expression[]>();
  const strange: string[] = [];
  let respelt = 0;
  for (const { image, emotion } of rows as readonly { image: string; emotion: string }[]) {
    const label = expressionOf(emotion);
    const word = label ?? emotion.toLowerCase();
    tally[word] = (tally[word] ?? 0) + 1;
    if (label === undefined) {
      strange.push(`${image} (${emotion})`);
      continue;
    }
    if (emotion !== label) respelt += 1;
    labels.set(image, [...(labels.get(image) ?? []), label]);
  }
  const entries = [...labels];
  const conflicting = entries.filter(([, of]) => new Set(of).size > 1);
  const repeated = entries.filter(([, of]) => of.length > 1 && new Set(of).size === 1);
  return {
    labelled: entries
      .filter(([, of]) => new Set(of).size === 1)
      .map(([image, [label]]) => ({ image, label: label! })),
    tally,
    respelt,
    dropped: [
      {
        reason: "images listed with different labels",
        count: conflicting.length,
        examples: conflicting.map(([image, of]) => `${image} (${of.join(", ")})`),
      },
      {
        reason: "rows that list an image again with the same label",
        count: repeated.reduce((sum, [, of]) => sum + of.length - 1, 0),
        examples: repeated.map(([image]) => image),
      },
      { reason: "labels that mean no expression", count: strange.length, examples: strange },
    ].filter(({ count }) => count > 0),
  };
}

/** Who is pictured, as far as names tell: all of it before the number. `Aaron_Patterson_0001.jpg`, `Dileep_12.jpg` */
export function subjectOf(image: string): string {
  const stem = image.replace(/\.[a-z]+$/i, "");
  return stem.replace(/[\s_-]*\d+[a-z]?$/i, "").toLowerCase() || stem.toLowerCase();
}
