import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** What turns text into code, or hands it to a shell: nowhere, tests and tools included. */
const FORBIDDEN = {
  "eval or the Function constructor": /\beval\(|\bnew Function\b|\bFunction\(|["']node:vm["']/,
  "code from a string in a timer": /\bset(?:Timeout|Interval|Immediate)\(\s*["'`]/,
  "words for a shell":
    /\bshell:\s*true|\bexecSync\b|\{[^}]*\bexec\b[^}]*\} from "node:child_process"|child_process["']\)?\.exec\b/,
  "code from pickled objects": /\bpickle\.loads?\(|\bunpickle/,
  "HTML from a string in a page": /\.(?:inner|outer)HTML\s*=|insertAdjacentHTML|document\.write\(/,
};

/** What a package may start: fer-bench itself, as it was called; and git, with words that stand in the source. */
const STARTS_ITSELF = "packages/cli/bin/fer-bench.mjs";
const STARTS_GIT = "packages/cli/src/kept-runs.ts";
/** The workspace's Nx, and the configuration that it reads, by Node itself. */
const STARTS_NODE = ["packages/cli/src/commands/submit.ts", "packages/cluster/src/nx.ts"];
/** Slurm's programs and git, by names that stand in the source. */
const STARTS_NAMED = "packages/cluster/src/slurm/run-program.ts";

/**
 * What may import a module whose name is known only when it runs: threads of our own, packages that the manifest names,
 * which are trusted, and the files of a folder of ours.
 */
const IMPORTS_BY_NAME = [
  "packages/artifacts/src/thread.ts",
  "packages/cli/src/load-dataset.ts",
  "packages/models/src/backbones/register-all.ts",
];

function sourcesBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(?:ts|mjs)$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll("\\", "/"))
    .filter((path) => !/(?:^|\/)(?:node_modules|dist)\//.test(path));
}

const own = relative(root, fileURLToPath(import.meta.url));
const sources = ["packages", "tools", "benchmarks"].flatMap(sourcesBelow).filter((path) => path !== own);
const textOf = (path: string) => readFileSync(join(root, path), "utf8");

describe("no data becomes code", () => {
  it("looks at all sources", () => {
    expect(sources.length).toBeGreaterThan(500);
  });

  it.each(Object.entries(FORBIDDEN))("has nowhere %s", (_, pattern) => {
    expect(sources.filter((path) => pattern.test(textOf(path)))).toEqual([]);
  });

  const shipped = sources.filter(
    (path) => path.startsWith("packages/") && !/\.test\.|\.test\.(?:helper|support)\./.test(path),
  );

  it("starts processes where the list says so alone, none of them by data's words", () => {
    expect(shipped.filter((path) => textOf(path).includes("node:child_process")).sort()).toEqual(
      [STARTS_ITSELF, STARTS_GIT, ...STARTS_NODE, STARTS_NAMED].sort(),
    );
    for (const path of STARTS_NODE) {
      const started = [...textOf(path).matchAll(/\b(?:spawn|execFileSync)\(([^,]+),/g)].map(
        ([, first]) => first,
      );
      expect(started, path).toEqual(["process.execPath"]);
    }
    const named = shipped
      .flatMap((path) =>
        [...textOf(path).matchAll(/\brunProgram\(\s*([^,\s]+),/g)].map(([, first]) => first!),
      )
      .filter((first) => !first.startsWith("command:"));
    expect([...new Set(named)].sort()).toEqual([
      '"git"',
      '"sacct"',
      '"sbatch"',
      '"scancel"',
      '"squeue"',
      '"tar"',
    ]);
    const calls = [...textOf(STARTS_GIT).matchAll(/\bgit\((.*?)\)/g)].map(([, words]) => words);
    expect(calls.length).toBeGreaterThan(0);
    for (const words of calls) expect(words).toMatch(/^(?:"[\w=-]+"(?:, )?)+$/);
  });

  it("starts a thread from text where the list says so alone: our own sources, loaded as TypeScript", () => {
    expect(shipped.filter((path) => /\beval:\s*true/.test(textOf(path)))).toEqual([
      "packages/artifacts/src/thread.ts",
    ]);
  });

  it("imports modules by names of the run where the list says so alone", () => {
    const byName = /\bimport\(\s*(?!["'])/;
    const comments = /\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm;
    const found = shipped.filter((path) => byName.test(textOf(path).replace(comments, "")));
    expect(found).toEqual(IMPORTS_BY_NAME);
  });
});
