import type fc from "fast-check";

/** A reader of data from outside, and what to give it. */
export interface Parser {
  /** What a table calls it. */
  readonly name: string;
  /** The name that its input's file has. */
  readonly file: string;
  /** Valid inputs, which damage starts from: one at least. */
  examples(): Promise<readonly Uint8Array[]>;
  /** Inputs of the format's own grammar with values that nobody would write, besides damaged examples and bytes by lot. */
  grammar?(examples: readonly Uint8Array[]): fc.Arbitrary<Uint8Array>;
  /**
   * Reads `input.bytes`, which lie in the file `input.path` too where `onDisk` is true. Returns, or throws a
   * FerBenchError naming the file.
   */
  read(input: Input): Promise<unknown> | unknown;
  readonly onDisk?: boolean;
  /** Other files that an error may name instead: where two do not fit together, it cannot say which is wrong. */
  readonly beside?: readonly string[];
  /** Prepares what else has to lie in the folder of the input, once. */
  prepare?(folder: string): Promise<void>;
}

export interface Input {
  readonly path: string;
  readonly folder: string;
  readonly bytes: Buffer;
}
