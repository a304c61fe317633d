import type { Found } from "./compare-expected.ts";
import type { PrepareRequest } from "./prepare.ts";
import { readRaw } from "./read-raw.ts";

/** What a look through raw data found, and what to say of it. */
export interface Verified extends Found {
  readonly warnings: readonly string[];
}

/** Reads every sample of the raw data, checks and compares it as prepare does, and writes nothing. Errors as `readRaw`. */
export async function verifyRaw(request: Omit<PrepareRequest, "dir">): Promise<Verified> {
  const { found, warnings } = await readRaw(request, `verify ${request.name}`);
  return { ...found, warnings };
}
