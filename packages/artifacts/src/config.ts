import { readFile } from "node:fs/promises";
import type { ZodType } from "zod";
import { FerBenchError } from "./errors.ts";

/** JSON with object keys sorted, so that equal values give equal text. */
export function stableStringify(value: unknown, indent?: number): string {
  return JSON.stringify(value, (_key, inner: unknown) => (isRecord(inner) ? sortKeys(inner) : inner), indent);
}

function sortKeys(record: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Reads a JSON file. Errors: `missing` where there is none, `bad-config` with line and column where it is no JSON. */
export async function readJson(file: string): Promise<unknown> {
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw new FerBenchError("missing", "the file cannot be read", {
      file,
      remedy: "check the name, or create it",
      cause,
    });
  });
  try {
    return JSON.parse(text);
  } catch (cause) {
    const message = (cause as Error).message;
    throw new FerBenchError("bad-config", `not JSON: ${message}`, {
      file,
      field: placeIn(text, Number(/at position (\d+)/.exec(message)?.[1] ?? text.length)),
      remedy: "mend the syntax there; JSON knows neither comments nor trailing commas",
      cause,
    });
  }
}

function placeIn(text: string, position: number): string {
  const lines = text.slice(0, position).split("\n");
  return `line ${lines.length}, column ${lines.at(-1)!.length + 1}`;
}

/**
 * Checks a value from outside against its schema. The error names the file, the field of the first
 * problem, and for an unknown key the known one that was probably meant. A misspelt key is often a
 * missing one, too: the unknown key is the one to name.
 */
export function parseConfig<T>(schema: ZodType<T>, value: unknown, file: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const { issues } = result.error;
  const issue = issues.find(({ code }) => code === "unrecognized_keys") ?? issues[0]!;
  const more = issues.length - 1;
  const path = issue.path.map(String);
  if (issue.code === "unrecognized_keys") {
    const key = issue.keys[0]!;
    const known = knownKeys(schema, issue.path, value);
    const near = nearest(key, known);
    throw new FerBenchError("bad-config", `unknown key "${key}"`, {
      file,
      field: [...path, key].join("."),
      remedy: near
        ? `did you mean "${near}"?`
        : `remove it${known.length > 0 ? `; known keys: ${known.join(", ")}` : ""}`,
    });
  }
  throw new FerBenchError("bad-config", `${issue.message}${more > 0 ? ` (and ${more} more)` : ""}`, {
    file,
    field: path.length > 0 ? path.join(".") : undefined,
    remedy: "correct the field",
  });
}

/** The keys of the object schema at a path of a value, found through wrappers such as default and optional. */
function knownKeys(schema: unknown, path: readonly PropertyKey[], value: unknown): string[] {
  let node = unwrap(schema, value);
  let inner = value;
  for (const step of path) {
    inner = (inner as Record<PropertyKey, unknown> | undefined)?.[step];
    node = unwrap(node?.shape?.[String(step)] ?? node?.def?.valueType ?? node?.def?.element, inner);
  }
  return Object.keys(node?.shape ?? {});
}

interface SchemaNode {
  shape?: Record<string, ZodType>;
  def?: {
    innerType?: unknown;
    in?: unknown;
    valueType?: unknown;
    element?: unknown;
    discriminator?: string;
    options?: SchemaNode[];
  };
}

function unwrap(schema: unknown, value: unknown): SchemaNode | undefined {
  let node = schema as SchemaNode | undefined;
  while (node && node.shape === undefined && (node.def?.innerType ?? node.def?.in) !== undefined) {
    node = (node.def?.innerType ?? node.def?.in) as SchemaNode;
  }
  const { discriminator, options } = node?.def ?? {};
  if (discriminator === undefined) return node;
  const kind = (value as Record<string, unknown> | undefined)?.[discriminator];
  return options?.find((option) => option.shape?.[discriminator]?.safeParse(kind).success);
}

/** The candidate within a third of the word's length in edits, if there is one. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Levenshtein's distance, in which two swapped neighbours are one edit (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swap = swapped ? before[j - 2]! + 1 : Number.POSITIVE_INFINITY;
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, substitution, swap));
    }
    [before, row] = [row, next];
  }
  return row[b.length]!;
}
