import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { exampleWithInsight, writeExampleStages } from "./finished-stages.test.helper.ts";
import { writeReport } from "./report.ts";

/* The page in a real browser: Debian's package `chromium`, or the one that FER_BENCH_CHROMIUM names. */
const executablePath = process.env.FER_BENCH_CHROMIUM ?? "/usr/bin/chromium";
const isHere = existsSync(executablePath);
if (!isHere) {
  const message = `no browser at ${executablePath}: the page is not driven`;
  if (process.env.FER_BENCH_REQUIRE === "1") throw new Error(message);
  process.stderr.write(`${message}\n`);
}

describe.skipIf(!isHere)("the page in Chromium", () => {
  let root: string;
  let browser: Browser;
  let page: Page;
  const problems: string[] = [];

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), "fer-bench-page-"));
    await writeExampleStages(root);
    const { index } = await writeReport(await exampleWithInsight(root, "out"));
    // Running as root, as containers do, Chromium has no sandbox of its own.
    browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
    page = await browser.newPage();
    page.on("console", (message) => problems.push(`console: ${message.text()}`));
    page.on("pageerror", (error) => problems.push(`error: ${error.message}`));
    page.on("request", (request) => {
      const url = request.url();
      if (!url.startsWith("data:") && url !== pathToFileURL(index).href) problems.push(`request: ${url}`);
    });
    await page.goto(pathToFileURL(index).href);
  }, 120_000);

  afterAll(async () => {
    await browser?.close();
    await rm(root, { recursive: true, force: true });
    expect(problems).toEqual([]);
  });

  const explorer = () => page.locator('.explorer[data-target="0"]');
  const found = () => explorer().locator(".found").textContent();

  it("starts with the mistakes, surest first, with their faces", async () => {
    expect(await found()).toBe("15 of 45 samples");
    const items = explorer().locator(".faces li");
    expect(await items.count()).toBe(15);
    expect(await items.first().textContent()).toMatch(/ → .*75% sure/);
    expect(await items.first().locator(".face.sheet-0").count()).toBe(1);
  });

  it("filters by classes and answers, and says how many are left", async () => {
    await explorer().getByLabel("True").selectOption({ label: "angry" });
    await explorer().getByLabel("Answers").selectOption("all");
    expect(await found()).toBe("15 of 45 samples");
    await explorer().getByLabel("Answers").selectOption("right");
    expect(await found()).toBe("10 of 45 samples");
    // Maps show what the filter leaves.
    expect(await page.locator("#figure-tsne-first .dim").count()).toBeGreaterThan(20);
    await explorer().getByRole("button", { name: "Reset" }).click();
    await expect.poll(found).toBe("15 of 45 samples");
    expect(await page.locator("#figure-tsne-first .dim").count()).toBe(0);
  });

  it("shows the samples of a cell of a confusion matrix, by pointer and by keyboard", async () => {
    const cells = page.locator("#figure-confusion-first-counts .cell");
    expect(await cells.count()).toBe(9);
    expect(await cells.nth(1).getAttribute("aria-label")).toBe("angry taken for happy: 5 samples");
    await cells.nth(1).click();
    expect(await found()).toBe("5 of 45 samples");
    expect(await explorer().getByLabel("Predicted").inputValue()).toBe("1");
    await cells.nth(0).focus();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    expect(await explorer().getByLabel("True").inputValue()).toBe("1");
    expect(await found()).toBe("10 of 45 samples");
  });

  it("shows the face of a point, by pointer and by keyboard", async () => {
    const map = page.locator("#figure-tsne-first");
    const card = map.locator(".card");
    expect(await card.isVisible()).toBe(false);
    await map
      .locator("g.mark-symbol.role-mark > path")
      .nth(3)
      .dispatchEvent("pointerover", { bubbles: true });
    expect(await card.isVisible()).toBe(true);
    expect(await card.locator(".face").count()).toBe(1);
    expect(await card.textContent()).toMatch(/→.*% sure, first\/\d+<i>/);
    await map.locator(".map").focus();
    await page.keyboard.press("Escape");
    expect(await card.isVisible()).toBe(false);
    await page.keyboard.press("ArrowRight");
    expect(await card.textContent()).toContain("first/");
    await page.keyboard.press("Escape");
  });

  it("shows no faces of a data set that does not allow it, and says so", async () => {
    const second = page.locator('.explorer[data-target="1"]');
    expect(await second.locator(".face").count()).toBe(0);
    expect(await second.locator(".faces li").count()).toBe(15);
    expect(await second.textContent()).toContain("Its licence keeps its images out");
  });

  it("shows one face at every level, and activation maps over faces where those may be shown", async () => {
    const sheet = page.locator("#robustness .sheet");
    expect(await sheet.locator("tr").count()).toBe(2);
    expect(await sheet.locator(".face").count()).toBe(5);
    expect(await sheet.locator(".wrong").allTextContents()).toEqual(["angry 75%", "happy 75%"]);
    const lists = page.locator("#attention ul.attention");
    // Three classes of two targets; of the first the mean, three right answers and four wrong ones.
    expect(await lists.count()).toBe(6);
    expect(await lists.first().locator("li").count()).toBe(8);
    expect(await lists.first().locator("li").first().locator(".tile").count()).toBe(3);
    expect(await lists.last().locator("li").first().locator(".tile").count()).toBe(2);
    const shown = await page.evaluate<string>(
      "getComputedStyle(document.querySelector('.attention .tile')).backgroundImage.slice(0, 20)",
    );
    expect(shown).toBe('url("data:image/webp');
  });

  it("sorts a table by the column whose heading is pressed, up and down", async () => {
    const table = page.locator("#results table").first();
    const accuracy = table.getByRole("columnheader", { name: "Accuracy, %" });
    const column = async () => {
      const texts = await table.locator("tbody tr td:nth-child(6)").allTextContents();
      return texts.map(Number);
    };
    await accuracy.getByRole("button").press("Enter");
    expect(await accuracy.getAttribute("aria-sort")).toBe("ascending");
    const rising = await column();
    expect(rising).toEqual([...rising].sort((a, b) => a - b));
    await accuracy.getByRole("button").click();
    expect(await accuracy.getAttribute("aria-sort")).toBe("descending");
    expect(await column()).toEqual([...rising].reverse());
  });

  it("is dark where the reader's system is, with ink that can be read in both", async () => {
    const colours = async (colorScheme: "light" | "dark") => {
      await page.emulateMedia({ colorScheme });
      return page.evaluate<[string, string]>(
        "[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]",
      );
    };
    const light = await colours("light");
    const dark = await colours("dark");
    for (const [ink, paper] of [light, dark]) expect(contrast(ink, paper)).toBeGreaterThan(7);
    expect(luminance(light[1])).toBeGreaterThan(luminance(dark[1]));
  });

  it("is no wider than a telephone, and leaves filters out of print", async () => {
    await page.setViewportSize({ width: 390, height: 800 });
    const [content, screen] = await page.evaluate<[number, number]>(
      "[document.documentElement.scrollWidth, window.innerWidth]",
    );
    expect(content).toBeLessThanOrEqual(screen);
    await page.emulateMedia({ media: "print" });
    expect(await explorer().locator("form").isVisible()).toBe(false);
    expect(await page.locator("nav").isVisible()).toBe(false);
    await page.emulateMedia({ media: "screen" });
  });
});

/** WCAG 2's relative luminance of an rgb(...) colour. */
function luminance(colour: string): number {
  const [r, g, b] = colour.match(/[\d.]+/g)!.map((part) => {
    const share = Number(part) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}

function contrast(a: string, b: string): number {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light! + 0.05) / (dark! + 0.05);
}
