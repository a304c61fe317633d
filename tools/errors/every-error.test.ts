import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { EXIT_STATUS } from "@fer-bench/artifacts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ERROR_CASES, NOT_BY_TYPING } from "./cases.ts";
import { commandLine } from "./command-line.ts";
import { type ErrorSite, errorSites } from "./error-sites.ts";
import { inCopy, writeWorld } from "./world.ts";

const repository = fileURLToPath(new URL("../..", import.meta.url));
const sites = errorSites();
const siteOf = (from: string, message: string): ErrorSite | undefined =>
  sites.find((site) => site.file === `packages/${from}` && site.message === message);
let root: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "fer-bench-errors-"));
  await writeWorld(root, repository);
  const run = async (...words: string[]) => {
    const { status, stderr } = await commandLine(["--quiet", "--workspace", root, ...words]);
    expect(status, `${words.join(" ")}: ${stderr}`).toBe(0);
  };
  await run("datasets", "add", "mine", "--path", join(root, "in-mine"));
  await run("generate", "rendered");
  for (const set of ["rendered", "mine"]) {
    await run("prepare", set);
    await run("preprocess", set);
  }
  for (const benchmark of ["b", "mine-b"]) {
    for (const stage of ["features", "train", "evaluate", "report"]) await run(stage, benchmark);
  }
}, 240_000);
afterAll(() => rm(root, { recursive: true, force: true }));

describe("errors through the command line", () => {
  it("are of every kind of every package, but for those that nobody meets by typing", () => {
    const kindOf = ({ package: name, code }: ErrorSite) => `${name} ${code}`;
    const user = sites.filter(({ code }) => code !== undefined && code !== "internal");
    const raised = ERROR_CASES.map(({ from, message }) => siteOf(from, message)).filter(
      (site) => site !== undefined,
    );
    const kinds = new Set([...raised.map(kindOf), ...Object.keys(NOT_BY_TYPING)]);
    expect([...kinds].sort()).toEqual([...new Set(user.map(kindOf))].sort());
  });

  it.each(
    ERROR_CASES.map((one) => [`${one.from}: ${one.message || one.run.toString().slice(-60)}`, one] as const),
  )("%s", { timeout: 120_000 }, async (_, { from, message, run, before, env }) => {
    const site = siteOf(from, message);
    expect(site, "the source has no such error").toBeDefined();
    await inCopy(root, async (world) => {
      const own = {
        FER_BENCH_WEIGHTS_DIR: join(world.root, "mirror"),
        FER_BENCH_CACHE: join(world.root, "cache"),
      };
      const type = (words: readonly string[]) =>
        commandLine(["--quiet", "--workspace", world.root, ...words], { ...own, ...env });
      if (before) expect((await type(await before(world))).stderr).toBe("");
      const { status, stdout, stderr } = await type(await run(world));
      expect(stderr.match(/^error: /gm) ?? [], stderr).toHaveLength(1);
      expect(stderr).toMatch(patternOf(site!.message));
      expect(stderr, "every error says what to do").toMatch(/^ {2}remedy: \S/m);
      if (site!.remedy) expect(stderr).toMatch(patternOf(site!.remedy, "remedy: "));
      expect(stderr).not.toContain("a fault of fer-bench itself");
      expect(status).toBe(EXIT_STATUS[site!.code!]);
      expect(stdout).toBe("");
    });
  });
});

/** The text of an entry as a pattern of what is printed. */
function patternOf(text: string, before = ""): RegExp {
  const alternatives = text.split(" / ").map((one) =>
    one
      .split("…")
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replace(/ /g, "\\s+"))
      .join("[\\s\\S]*"),
  );
  return new RegExp(`${before}(?:${alternatives.join("|")})`);
}
