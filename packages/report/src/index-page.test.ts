import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { filesOf, HOSTILE } from "./finished-stages.test.helper.ts";
import { type IndexedRun, writeIndexPage } from "./index-page.ts";

let root: string;
let files: Map<string, Buffer>;
const text = (name: string) => files.get(name)!.toString();

function kept(benchmark: string, day: number, accuracy: number, target = "fer2013"): IndexedRun {
  return {
    benchmark,
    keptAt: `2026-01-0${day}T03:00:00.000Z`,
    hash: `abc${day}`,
    commit: null,
    target,
    n: 3589,
    accuracy,
    low: accuracy - 0.01,
    high: accuracy + 0.01,
    balancedAccuracy: accuracy,
    macroF1: accuracy,
  };
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "fer-bench-index-"));
  await writeIndexPage({
    out: root,
    benchmarks: [
      {
        name: "b0",
        title: HOSTILE,
        source: "fer2013",
        targets: ["fer2013"],
        backbone: "B0, random weights",
        selectedOn: "validation",
        report: "b0/report/index.html",
      },
      ...[1, 2].map((seed) => ({
        name: `heads/pixels_seed-${seed}`,
        title: "Heads",
        source: "fer2013",
        targets: ["fer2013"],
        backbone: "Raw pixels",
        selectedOn: "validation",
        report: "heads/report/index.html",
        seedGroup: "heads/backbone=pixels",
      })),
      ...[
        { name: "other", title: "Other", source: "synthetic", targets: ["synthetic"] },
        { name: "tuned", title: "Tuned", source: "fer2013", targets: ["fer2013", "synthetic"] },
        { name: "raf", title: "RAF to both", source: "raf-db", targets: ["ck-plus", "fer2013"] },
      ].map((one) => ({ ...one, backbone: null, selectedOn: null, report: null })),
    ],
    runs: [
      kept("b0", 1, 0.3),
      kept("other", 2, 0.2, "synthetic"),
      kept("b0", 3, 0.35),
      { ...kept("heads/pixels_seed-1", 3, 0.3), bootstrap: { low: 0.28, high: 0.33, groups: 7 } },
      kept("heads/pixels_seed-2", 4, 0.4),
    ],
    unavailable: { "raf-db": "RAF-DB is not here", "ck-plus": "CK+ is not here" },
  });
  files = await filesOf(root);
});

afterAll(() => rm(root, { recursive: true, force: true }));

describe("writeIndexPage", () => {
  it("has the latest run of each benchmark, and what it changed", () => {
    const { rows } = JSON.parse(text("tables/latest.json"));
    expect(rows).toMatchObject([
      { benchmark: "heads/pixels_seed-2", accuracy: 0.4, accuracy_bootstrap_low: null },
      { benchmark: "b0", accuracy: 0.35, accuracy_before: 0.3, run: "abc3" },
      { benchmark: "heads/pixels_seed-1", accuracy_bootstrap_low: 0.28, accuracy_bootstrap_groups: 7 },
      { benchmark: "other", accuracy: 0.2, accuracy_before: null },
    ]);
    expect(text("tables/latest.md")).toContain("| +5.00 |");
  });

  it("draws the history of each data set", () => {
    expect([...files.keys()].filter((name) => name.endsWith(".svg"))).toEqual([
      "figures/over-time-fer2013.svg",
      "figures/over-time-synthetic.svg",
    ]);
  });

  it("sets measured rows beside the paper's, and says why there are none", () => {
    const rows = (number: number) => JSON.parse(text(`tables/paper-table-${number}.json`)).rows;
    expect(rows(1)).toHaveLength(7);
    expect(rows(1).at(-1)).toMatchObject({ kind: "could not be run: RAF-DB is not here", accuracy: null });
    const ours = { kind: "measured", n: 3589, selected_on: "validation" };
    expect(rows(2).slice(6)).toMatchObject([
      // Mean and deviation over two seeds, by hand.
      {
        ...ours,
        method: "Heads (pixels)",
        accuracy: 0.35,
        seeds: 2,
        accuracy_deviation: expect.closeTo(0.0707107, 6),
      },
      {
        ...ours,
        method: HOSTILE,
        accuracy: 0.35,
        seeds: 1,
        accuracy_deviation: null,
        accuracy_low: expect.closeTo(0.34, 9),
      },
      { method: "Tuned", kind: "not measured: no run of it is kept yet", accuracy: null, seeds: null },
    ]);
    expect(rows(3).slice(2)).toMatchObject([
      { method: "RAF to both", kind: "could not be run: RAF-DB is not here; CK+ is not here" },
    ]);
    // A run on FER-2013 that was trained there is none of table 4.
    expect(rows(4).at(-1).kind).toBe("could not be run: RAF-DB is not here");
    for (const row of rows(2).slice(0, 6)) expect(row).toMatchObject({ n: null, selected_on: null });
    expect(text("tables/paper-table-2.tex")).toContain("\\toprule");
  });

  it("counts in words", () => {
    expect(text("index.html")).toContain("4 results of 5 benchmarks, 5 kept runs in all.");
    expect(text("figures/over-time-synthetic.svg")).toContain(">1 kept run, bars");
  });

  it("leads to the reports, with titles as text", () => {
    expect(text("index.html")).toContain('<a href="b0/report/index.html">');
    expect(
      text("index.html").match(/<a href="heads\/report\/index.html">Heads<\/a> <code>heads<\/code>/g),
    ).toHaveLength(1);
    expect(text("index.html")).not.toContain("<img");
  });
});
