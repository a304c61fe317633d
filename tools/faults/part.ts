/** One of the things that `npm run test:faults` does. */
export interface Part {
  /** Its word for `--part`. */
  readonly name: string;
  run(options: PartOptions): Promise<PartResult>;
}

export interface PartOptions {
  /** How many faults, or inputs of each kind; each part's own number where absent. */
  readonly runs: number | undefined;
  /** Everything that is drawn by lot follows from it. */
  readonly seed: number;
  /** Only this stage; all where absent. */
  readonly stage: string | undefined;
  /** Only this fault, or this parser; all where absent. */
  readonly only: string | undefined;
  /** Whether processes run what was built (`tsc -b`), which takes half the time, or the sources. */
  readonly built: boolean;
  /** No trial begins after so many minutes; no limit where absent. */
  readonly minutes?: number | undefined;
  /** What may be done at a time. */
  readonly jobs: number;
  /** Says how far it is. */
  print(line: string): void;
}

export interface PartResult {
  readonly title: string;
  /** What was done and what came of it, a line each. */
  readonly rows: readonly Readonly<Record<string, string | number>>[];
  /** What must never be, each with all that is needed to do it again. None: the part has passed. */
  readonly wrong: readonly string[];
}
