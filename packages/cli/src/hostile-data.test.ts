import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { silent } from "@fer-bench/artifacts";
import { renderFace } from "@fer-bench/dataset-synthetic";
import { type Browser, chromium } from "playwright-core";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addDataset } from "./commands/add-dataset.ts";
import { compare } from "./commands/compare.ts";
import { reportDataset } from "./commands/datasets.ts";
import { evaluate } from "./commands/evaluate.ts";
import { features } from "./commands/features.ts";
import { writeIndex } from "./commands/index.ts";
import { prepare } from "./commands/prepare.ts";
import { preprocess } from "./commands/preprocess.ts";
import { report } from "./commands/report.ts";
import { train } from "./commands/train.ts";
import type { CommandContext } from "./context.ts";
import { editManifest } from "./edit-manifest.ts";
import { findWorkspace } from "./workspace.ts";

/*
 * A data set in which every word is an attack: class names, file names, subjects, title, licence and citation are
 * script tags, attribute breakers and formulas. It goes through every command that writes something to look at, and a
 * real browser opens the pages: Debian's package `chromium`, or the one that FER_BENCH_CHROMIUM names.
 */
const executablePath = process.env.FER_BENCH_CHROMIUM ?? "/usr/bin/chromium";
const isHere = existsSync(executablePath);
if (!isHere) {
  const message = `no browser at ${executablePath}: pages of hostile data are not opened`;
  if (process.env.FER_BENCH_REQUIRE === "1") throw new Error(message);
  process.stderr.write(`${message}\n`);
}

const SCRIPT = "</script><script>attack(1)</script>";
const ATTRIBUTE = `"'><img src=x onerror=attack(2)>`;
const CLASSES = [SCRIPT, `=cmd|'/c calc'!a1 ${ATTRIBUTE}`, "\\input{/etc/passwd} ]]><svg onload=attack(3)>"];
/** File systems let all but a slash and a zero byte into names; control characters are refused by the import. */
const fileName = (i: number) =>
  `${["<script>attack(4)<", ATTRIBUTE, "@sum(a1)", "$&{attack(5)}"][i % 4]} ${i}.png`;
const SET = "hostile";
const ids = (benchmark: string) => `benchmarks/${benchmark}/benchmark.json`;

let root: string;
const printed: string[] = [];

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "fer-bench-hostile-"));
  const context: CommandContext = {
    workspace: await writeWorkspace(),
    progress: silent,
    offline: true,
    threads: 1,
    json: false,
    print: (line) => void printed.push(line),
  };
  await addDataset(context, SET, {
    layout: "csv",
    path: join(root, "in", "labels.csv"),
    title: `${SCRIPT}${ATTRIBUTE}`,
    licence: `${ATTRIBUTE}[x](javascript:attack(6))`,
    redistributable: true,
  });
  await editManifest(context.workspace, ({ datasets }) => {
    Object.assign(datasets[SET] as object, {
      citation: `${SCRIPT}\n${ATTRIBUTE}`,
      homepage: "javascript:attack(7)",
      notes: [SCRIPT, ATTRIBUTE],
    });
  });
  for (const stage of [prepare, preprocess]) await stage(context, SET);
  await reportDataset(context, SET, {});
  for (const benchmark of ["one", "other"]) {
    await features(context, benchmark, {});
    await train(context, benchmark, {});
    await evaluate(context, benchmark, {});
    await report(context, benchmark);
  }
  await writeIndex(context);
  await compare(context, ["one", "other"]);
}, 300_000);

afterAll(() => rm(root, { recursive: true, force: true }));

async function writeWorkspace() {
  await mkdir(join(root, "in"));
  await writeFile(join(root, "datasets.manifest.json"), JSON.stringify({ datasets: {} }));
  const rows = ["image,label,split,subject"];
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
  for (let i = 0; i < 24; i++) {
    const { image } = renderFace(i, "happy", 48);
    const raw = { width: image.width, height: image.height, channels: image.channels };
    await sharp(image.data, { raw })
      .png()
      .toFile(join(root, "in", fileName(i)));
    const split = ["train", "train", "validation", "test"][Math.floor(i / 6)]!;
    rows.push([fileName(i), CLASSES[i % 3]!, split, `${SCRIPT}${i}`].map(quoted).join(","));
  }
  // The same picture twice, for the lists of copies.
  rows.push([fileName(24), CLASSES[0]!, "train", `${ATTRIBUTE}24`].map(quoted).join(","));
  await writeFile(join(root, "in", fileName(24)), await readFile(join(root, "in", fileName(0))));
  await writeFile(join(root, "in", "labels.csv"), `${rows.join("\n")}\n`);
  for (const [benchmark, epochs] of [
    ["one", 1],
    ["other", 30],
  ] as const) {
    await mkdir(join(root, "benchmarks", benchmark), { recursive: true });
    const config = {
      title: `${ATTRIBUTE}${SCRIPT}`,
      notes: [SCRIPT],
      source: SET,
      targets: [SET],
      backbone: "pixels",
      train: { head: { hidden: null }, epochs },
      published: [{ method: SCRIPT, backbone: ATTRIBUTE, accuracy: 0.5, source: SCRIPT, note: ATTRIBUTE }],
      report: { tsne: { points: 6, perplexity: 2 }, umap: { points: 6, neighbours: 3 } },
    };
    await writeFile(join(root, ids(benchmark)), JSON.stringify(config));
  }
  return findWorkspace(root);
}

/** Everything that the commands wrote of one kind. */
async function written(ending: string): Promise<string[]> {
  const entries = await readdir(join(root, "artifacts"), { recursive: true, withFileTypes: true });
  const paths = entries
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => path.endsWith(ending));
  expect(paths.length, ending).toBeGreaterThan(0);
  return paths.sort();
}

describe.skipIf(!isHere)("pages and figures in Chromium", () => {
  let browser: Browser;
  beforeAll(async () => {
    // Running as root, as containers do, Chromium has no sandbox of its own.
    browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  }, 60_000);
  afterAll(() => browser?.close());

  it("run nothing, load nothing, and show the words as words", { timeout: 240_000 }, async () => {
    const pages = [...(await written(".html")), ...(await written(".svg"))];
    // The data set's report, two benchmarks' and the index.
    expect(pages.filter((path) => path.endsWith(".html"))).toHaveLength(4);
    const page = await browser.newPage();
    const problems: string[] = [];
    let current = "";
    const note = (what: string) => problems.push(`${current}: ${what}`);
    await page.exposeFunction("attack", (which: unknown) => note(`attack ${which} ran`));
    // exposeFunction is for every frame; a page that a policy guards would not even reach it.
    page.on("console", (message) => note(`console: ${message.text()}`));
    page.on("pageerror", (error) => note(`error: ${error.message}`));
    page.on("dialog", (dialog) => dialog.dismiss());
    page.on("request", (request) => {
      const url = request.url();
      if (!url.startsWith("data:") && url.split("#")[0] !== pathToFileURL(current).href)
        note(`request: ${url}`);
    });
    for (const path of pages) {
      current = path;
      await page.goto(pathToFileURL(current).href, { waitUntil: "load" });
      // As text, because the packages are type-checked without a browser's library.
      const odd = await page.evaluate(`({
        injected: [...document.querySelectorAll("[onerror],[onload],[onclick],img[src=x]")].map((e) => e.outerHTML),
        scripts: [...document.querySelectorAll("script")].filter((e) => e.textContent.startsWith("attack")).length,
        links: [...document.querySelectorAll("a")].filter((e) => e.protocol === "javascript:").map((e) => e.outerHTML),
      })`);
      expect(odd, current).toEqual({ injected: [], scripts: 0, links: [] });
      if (current.endsWith(".html")) expect(await page.locator("h1").textContent(), current).not.toBe("");
    }
    expect(problems).toEqual([]);
    const own = pages.find((path) => path.endsWith(join("one", "report", "index.html")))!;
    current = own;
    await page.goto(pathToFileURL(own).href);
    expect(await page.locator("h1").textContent()).toBe(`${ATTRIBUTE}${SCRIPT}`);
    // The samples that the page's script lists, too, whose file names are attacks.
    await page.getByLabel("Answers").first().selectOption("all");
    expect(await page.locator(".explorer .faces li").count()).toBe(6);
    expect(await page.locator(".explorer").first().textContent()).toContain(SCRIPT);
    expect(problems).toEqual([]);
  });
});

describe("tables and cards", () => {
  it("in CSV begin no cell with what a spreadsheet takes for a formula", async () => {
    for (const path of await written(".csv")) {
      for (const cell of cellsOf(await readFile(path, "utf8"))) {
        if (Number.isNaN(Number(cell))) expect(cell, path).not.toMatch(/^[=+\-@\t\r]/);
      }
    }
  });

  it("in Markdown have no tag, and no link of the data's", async () => {
    for (const path of await written(".md")) {
      // A card's head is YAML, with its texts in quotation marks.
      const text = (await readFile(path, "utf8")).replace(/^---\n[\s\S]*?\n---\n/, "");
      expect(text, path).not.toMatch(/<(?:script|img|svg|\/)/i);
      expect(text, path).not.toMatch(/(?<!\\)\]\(javascript:/i);
    }
    // What compare printed is for pasting into an issue.
    expect(printed.at(-1)).toContain("McNemar");
    expect(printed.at(-1)).not.toMatch(/<(?:script|img|svg|\/)/i);
  });

  it("in LaTeX run no command of the data's", async () => {
    for (const path of await written(".tex")) {
      expect(await readFile(path, "utf8"), path).not.toMatch(/\\input|\\write|\\immediate|\\openout/);
    }
  });
});

/** RFC 4180. */
function cellsOf(text: string): string[] {
  return [...text.matchAll(/(?:^|,|\r\n)(?:"((?:[^"]|"")*)"|([^",\r\n]*))/g)].map(
    ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? "",
  );
}
