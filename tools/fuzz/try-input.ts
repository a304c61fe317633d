import { writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { FerBenchError } from "@fer-bench/artifacts";
import type { Parser } from "./parser.ts";

/** Milliseconds for one input; nothing sound takes a tenth of it, on a machine that does other things, too. */
const MOST_MS = 20_000;

/** `read`, the code of a typed error, or what is wrong with how it came out. */
export type Outcome = { kind: "read" } | { kind: "refused"; code: string } | { kind: "wrong"; why: string };

/** Gives the parser one input, and judges what comes of it. */
export async function tryInput(parser: Parser, bytes: Uint8Array, folder: string): Promise<Outcome> {
  const path = join(folder, parser.file);
  const input = { path, folder, bytes: Buffer.from(bytes) };
  if (parser.onDisk === true) await writeFile(path, input.bytes);
  const started = performance.now();
  let outcome: Outcome;
  try {
    await parser.read(input);
    outcome = { kind: "read" };
  } catch (error) {
    outcome = judge(error, [parser.file, ...(parser.beside ?? [])]);
  }
  const ms = performance.now() - started;
  return ms > MOST_MS ? { kind: "wrong", why: `it took ${Math.round(ms)} ms` } : outcome;
}

function judge(error: unknown, names: readonly string[]): Outcome {
  if (!(error instanceof FerBenchError)) {
    const { name: type, message } = error as Error;
    return { kind: "wrong", why: `${type}: ${message}`.slice(0, 500) };
  }
  const where = `${error.file} ${error.field}`;
  if (error.code === "internal") return { kind: "wrong", why: `internal: ${error.message}` };
  if (error.file === undefined || !names.some((name) => where.includes(basename(name)))) {
    return { kind: "wrong", why: `an error that names no file: ${error.message} (${error.file})` };
  }
  if (!error.remedy) return { kind: "wrong", why: `an error without a remedy: ${error.message}` };
  return { kind: "refused", code: error.code };
}
