import fc from "fast-check";
import { anyBytes, damaged } from "./damage.ts";
import type { Parser } from "./parser.ts";

/** All kinds of input to a parser: bytes by lot, damaged examples, and the format's grammar. */
export async function inputsOf(parser: Parser): Promise<fc.Arbitrary<Uint8Array>> {
  const examples = await parser.examples();
  const kinds = [
    { arbitrary: anyBytes(examples), weight: 1 },
    { arbitrary: damaged(examples), weight: 5 },
  ];
  const grammar = parser.grammar?.(examples);
  if (grammar !== undefined) kinds.push({ arbitrary: grammar, weight: 4 });
  return fc.oneof(...kinds);
}

/** The input of one seed: any can be made again without those before it. */
export function inputOf(inputs: fc.Arbitrary<Uint8Array>, seed: number): Uint8Array {
  return fc.sample(inputs, { numRuns: 1, seed })[0]!;
}
