import fc from "fast-check";
import { extremeNumber } from "./damage.ts";

/** Keys that mean something to JavaScript, and some that mean nothing. */
const oddKey = fc.oneof(
  fc.constantFrom("__proto__", "constructor", "toString", "length", "0", "", "..", "a/b", "<b>", "\u0000"),
  fc.string({ maxLength: 8 }),
);
/** Stand for lists and objects as deep as no reader should follow by calling itself; so deep that no writer does, either. */
const DEEP = { "\u0001list": ["[", "]"], "\u0001object": ['{"a":', "}"] } as const;
const DEPTH = 50_000;

const oddValue: fc.Arbitrary<unknown> = fc.oneof(
  extremeNumber,
  oddKey,
  fc.constantFrom<unknown>(null, true, false, [], {}, [[]], "x".repeat(70_000), [null], "1", "\ud800"),
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom(...Object.keys(DEEP)),
);

type Path = readonly (string | number)[];

/** JSON of the examples with one to four of its values or keys replaced, taken out, added or doubled. */
export function oddJson(examples: readonly unknown[]): fc.Arbitrary<unknown> {
  const change = fc.record({
    where: fc.nat(0xffff),
    how: fc.constantFrom("replace", "replace", "remove", "add", "rename", "double"),
    key: oddKey,
    value: oddValue,
  });
  return fc
    .tuple(fc.constantFrom(...examples), fc.array(change, { minLength: 1, maxLength: 4 }))
    .map(([example, changes]) =>
      changes.reduce<unknown>((root, { where, how, key, value }) => {
        const copy = structuredClone(root);
        const paths = pathsOf(copy);
        const path = paths[where % paths.length]!;
        const last = path.at(-1);
        if (last === undefined) return how === "replace" ? value : copy;
        const holder = path.slice(0, -1).reduce<unknown>((at, step) => (at as never)[step], copy);
        if (Array.isArray(holder)) {
          const index = Number(last);
          if (how === "replace") holder[index] = value;
          else if (how === "remove") holder.splice(index, 1);
          else holder.splice(index, 0, how === "double" ? structuredClone(holder[index]) : value);
          return copy;
        }
        const record = holder as Record<string, unknown>;
        const put = (name: string, content: unknown) =>
          Object.defineProperty(record, name, {
            value: content,
            enumerable: true,
            configurable: true,
            writable: true,
          });
        if (how === "replace" || how === "double") put(`${last}`, value);
        else if (how === "add") put(key, value);
        else {
          const old = record[last];
          delete record[last];
          if (how === "rename") put(key, old);
        }
        return copy;
      }, example),
    );
}

/** The same as the bytes of a file. */
export function oddJsonBytes(examples: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  const values = examples.map((bytes): unknown => JSON.parse(Buffer.from(bytes).toString("utf8")));
  return oddJson(values).map((value) => Buffer.from(oddJsonText(value)));
}

/** The text of a value of `oddJson`. */
export function oddJsonText(value: unknown): string {
  return JSON.stringify(value).replace(/"\\u0001(?:list|object)"/g, (found) => {
    const [open, close] = DEEP[JSON.parse(found) as keyof typeof DEEP];
    return `${open.repeat(DEPTH)}1${close.repeat(DEPTH)}`;
  });
}

/** Lines of JSON, of which one is odd. */
export function oddLines(examples: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  const lines = examples.flatMap((bytes) => Buffer.from(bytes).toString("utf8").trim().split("\n"));
  const odd = oddJson(lines.map((line): unknown => JSON.parse(line)));
  return fc.tuple(odd, fc.nat(lines.length - 1)).map(([value, at]) => {
    const some = lines.with(at, oddJsonText(value));
    return Buffer.from(`${some.join("\n")}\n`);
  });
}

/** Where every value lies; as many as are worth drawing from. */
function pathsOf(root: unknown): Path[] {
  const paths: Path[] = [[]];
  for (let i = 0; i < paths.length && paths.length < 3000; i++) {
    const path = paths[i]!;
    const value = path.reduce<unknown>((at, step) => (at as never)[step], root);
    if (typeof value !== "object" || value === null) continue;
    for (const key of Object.keys(value).slice(0, 200)) paths.push([...path, key]);
  }
  return paths;
}
