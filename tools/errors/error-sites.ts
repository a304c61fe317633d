import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { type ErrorCode, EXIT_STATUS } from "@fer-bench/artifacts";

/** A place in the source that makes a FerBenchError. */
export interface ErrorSite {
  readonly package: string;
  /** Relative to the repository, with forward slashes. */
  readonly file: string;
  /** Undefined where it hands on another error's, with more said. */
  readonly code: ErrorCode | undefined;
  /** As printed, with `…` for what is filled in; empty where all of it is. */
  readonly message: string;
  /** The same of its remedy; undefined where it has none. */
  readonly remedy: string | undefined;
}

const root = fileURLToPath(new URL("../..", import.meta.url));
const MAKES = "new FerBenchError(";

/** Every such place of the packages, tests left out, by package and file. */
export function errorSites(): ErrorSite[] {
  return readdirSync(join(root, "packages"))
    .sort()
    .flatMap((name) =>
      sourcesOf(name).flatMap((path) => {
        const text = readFileSync(path, "utf8");
        const file = relative(root, path).replaceAll("\\", "/");
        return startsOf(text).map((at) => siteAt(name, file, text, at));
      }),
    );
}

function sourcesOf(name: string): string[] {
  return readdirSync(join(root, "packages", name, "src"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts") && !/\.test\./.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function startsOf(text: string): number[] {
  const starts: number[] = [];
  for (let at = text.indexOf(MAKES); at >= 0; at = text.indexOf(MAKES, at + 1))
    starts.push(at + MAKES.length);
  return starts;
}

function siteAt(name: string, file: string, text: string, at: number): ErrorSite {
  const [code = "", message = "", details = ""] = argumentsAt(text, at);
  const codes = [...code.matchAll(/"([\w-]+)"/g)].map(([, word]) => word as ErrorCode);
  const known = codes.find((word) => word !== "internal" && Object.hasOwn(EXIT_STATUS, word)) ?? codes[0];
  const remedy = /\bremedy(?::\s*([\s\S]*)|\s*[,}])/.exec(details);
  return {
    package: name,
    file,
    code: known,
    message: printed(message, text),
    remedy: remedy === null ? undefined : printed(argumentsAt(`${remedy[1] ?? "remedy"}}`, 0)[0] ?? "", text),
  };
}

/** The arguments of a call from behind its bracket on, as they stand in the source. */
function argumentsAt(text: string, start: number): string[] {
  const parts: string[] = [];
  let from = start;
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const character = text[at]!;
    if (character === '"' || character === "'") at = endOfQuoted(text, at);
    else if (character === "`") at = endOfTemplate(text, at);
    else if ("([{".includes(character)) depth++;
    else if (")]}".includes(character) && --depth < 0) {
      parts.push(text.slice(from, at).trim());
      break;
    } else if (character === "," && depth === 0) {
      parts.push(text.slice(from, at).trim());
      from = at + 1;
    }
  }
  return parts;
}

function endOfQuoted(text: string, start: number): number {
  let at = start + 1;
  while (text[at] !== text[start]) at += text[at] === "\\" ? 2 : 1;
  return at;
}

/** Templates within a template's `${}` are passed over, too. */
function endOfTemplate(text: string, start: number): number {
  let at = start + 1;
  while (text[at] !== "`") {
    if (text.startsWith("${", at)) at = endOfHole(text, at);
    else at += text[at] === "\\" ? 2 : 1;
  }
  return at;
}

/** The place behind the `}` of a template's `${`. */
function endOfHole(text: string, start: number): number {
  let depth = 0;
  for (let at = start + 2; ; at++) {
    if (text[at] === "`") at = endOfTemplate(text, at);
    else if (text[at] === '"' || text[at] === "'") at = endOfQuoted(text, at);
    else if (text[at] === "{") depth++;
    else if (text[at] === "}" && depth-- === 0) return at + 1;
  }
}

/** What an expression prints: its texts, `…` for the rest, and `or` between the two of a condition. */
function printed(whole: string, text: string): string {
  // Texts that are compared, looked up or joined by are not printed.
  const expression = whole
    .replace(/[!=]==\s*"[^"]*"/g, "")
    .replace(/\.join\(\s*"[^"]*",?\s*\)/g, "")
    .replace(/(?<=\w)\[[^\]]*\?[^\]]*\]/g, "");
  if (/^\w+$/.test(expression)) {
    const constant = new RegExp(`\\bconst ${expression}(?:: string)? =\\s*("[^"]*"|\`[^\`$]*\`);`).exec(
      text,
    )?.[1];
    return constant === undefined ? "" : printed(constant, text);
  }
  // The call of a function of the project's: what it says is where that is.
  if (/^\w+\([\s\S]*\)$/.test(expression)) return "";
  const texts: string[] = [];
  for (let at = 0; at < expression.length; at++) {
    const character = expression[at]!;
    if (character === '"' || character === "'") {
      const end = endOfQuoted(expression, at);
      texts.push(
        expression.slice(at + 1, end).replace(/\\(.)/g, (_, one: string) => (one === "n" ? " " : one)),
      );
      at = end;
    } else if (character === "`") {
      const end = endOfTemplate(expression, at);
      texts.push(textsOfTemplate(expression.slice(at + 1, end)));
      at = end;
    }
  }
  const separator = /\?[\s\S]*:/.test(expression) ? " / " : "";
  return texts
    .filter((one) => /\w/.test(one))
    .join(separator)
    .replace(/\s+/g, " ")
    .trim();
}

function textsOfTemplate(inner: string): string {
  let out = "";
  for (let at = 0; at < inner.length; ) {
    if (inner.startsWith("${", at)) {
      out += "…";
      at = endOfHole(inner, at);
    } else if (inner[at] === "\\") {
      out += inner[at + 1] === "n" ? " " : inner[at + 1];
      at += 2;
    } else out += inner[at++];
  }
  return out;
}
