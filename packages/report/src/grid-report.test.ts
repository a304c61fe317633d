import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silent } from "@fer-bench/artifacts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  filesOf,
  HOSTILE,
  SAMPLES,
  withoutScript,
  writeEvaluation,
  writeTraining,
} from "./finished-stages.test.helper.ts";
import { writeGridReport } from "./grid-report.ts";
import type { CellInput, GridReportRequest } from "./request.ts";

const NOTE = "Its weights are random, not trained.";
const SIZES = ["s", "m", "l"] as const;

let root: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "fer-bench-grid-"));
  // Right 3, 7 and 6 times of nine on test; on validation the largest does best.
  for (const [i, size] of SIZES.entries()) {
    const dir = join(root, `net-${size}.random`);
    await writeEvaluation(join(dir, "evaluate"), i, [3, 7, 6][i]);
    await writeTraining(join(dir, "train"), [0.4, 0.6, 0.61][i]);
    await mkdir(join(dir, "features"));
    const backbone = { parameters: 1_234_567 * (i + 1), flops: 5e7 * 10 ** i };
    await writeFile(join(dir, "features", "provenance.json"), JSON.stringify({ backbone }));
  }
  await writeEvaluation(join(root, "pixels"), 9);
});

afterAll(() => rm(root, { recursive: true, force: true }));

function cell(size: string, values: CellInput["values"] = {}): CellInput {
  const name = `net-${size}.random`;
  return {
    benchmark: `sweep/${name}`,
    cell: name,
    values,
    method: "frozen",
    backbone: { name, title: `Net ${size.toUpperCase()}, random weights`, note: NOTE },
    trainedOn: "First",
    selectedOn: "validation",
    dir: join(root, name, "evaluate"),
    features: join(root, name, "features"),
    train: join(root, name, "train"),
  };
}

const card = {
  licence: "CC0",
  citation: "A. Author, 2020",
  counts: { train: { angry: 1, happy: 2 }, test: { angry: 15, happy: 15, [HOSTILE]: 15 } },
  checksums: { test: "feed" },
  remarks: [],
};

async function request(out: string): Promise<GridReportRequest> {
  await mkdir(join(root, out));
  return {
    out: join(root, out),
    page: {
      name: "sweep",
      title: "Sweep & <title>",
      notes: ["A note."],
      dataSets: [
        { name: "first", title: "First", ...card },
        { name: "second", title: "Second", ...card },
      ],
      published: [
        {
          method: "Theirs",
          backbone: "VGG16",
          accuracy: 0.6996,
          source: "A paper, Table 2",
          target: "first",
        },
      ],
    },
    cells: [cell("s"), cell("m"), cell("l")],
    beside: [
      {
        benchmark: "pixels",
        method: "logistic regression",
        backbone: { name: "pixels", title: "Raw pixels" },
        trainedOn: "First",
        selectedOn: "validation",
        dir: join(root, "pixels"),
      },
    ],
    stages: [{ stage: "train", of: "sweep/net-s.random", dir: join(root, "net-s.random", "train") }],
    progress: silent,
  };
}

describe("writeGridReport", () => {
  let files: Map<string, Buffer>;
  let page: string;
  const text = (file: string) => files.get(file)!.toString();

  beforeAll(async () => {
    await writeGridReport(await request("out"));
    files = await filesOf(join(root, "out"));
    page = text("index.html");
  });

  it("writes the page, tables and figures of all cells together and of each", () => {
    const cells = SIZES.map((size) => `net-${size}.random`);
    const formats = ["csv", "json", "md", "tex"];
    const each = (target: string) => [
      `figures/accuracy-${target}.svg`,
      `figures/confusions-${target}.svg`,
      // Of the cell that is set apart.
      ...["reliability", "coverage", "curves"].map((kind) => `figures/${kind}-${target}-net-l.random.svg`),
      ...cells.map((name) => `figures/confusion-${target}-${name}.svg`),
      ...[
        `accuracy-${target}`,
        `confidence-${target}`,
        ...cells.flatMap((name) => [`confusion-${target}-${name}`, `per-class-${target}-${name}`]),
      ].flatMap((name) => formats.map((format) => `tables/${name}.${format}`)),
    ];
    expect([...files.keys()].sort()).toEqual(
      [
        "index.html",
        ...cells.map((name) => `figures/history-${name}.svg`),
        ...each("first"),
        ...each("second"),
      ].sort(),
    );
  });

  it("writes the same bytes again", async () => {
    await writeGridReport(await request("again"));
    expect(await filesOf(join(root, "again"))).toEqual(files);
  });

  it("has a row a cell with what its backbone costs, then the others, and no number that nobody gave", () => {
    const { rows } = JSON.parse(text("tables/accuracy-first.json"));
    expect(rows.map((row: { kind: string; cell: string | null }) => [row.kind, row.cell])).toEqual([
      ["measured", "net-s.random"],
      ["measured", "net-m.random"],
      ["measured", "net-l.random"],
      ["measured", null],
      ["baseline", null],
      ["published", null],
    ]);
    expect(rows[1]).toEqual({
      kind: "measured",
      method: "frozen",
      cell: "net-m.random",
      backbone: "Net M, random weights",
      caveat: NOTE,
      parameters: 2_469_134,
      flops: 5e8,
      features: 8,
      trained_on: "First",
      selected_on: "validation",
      selection_accuracy: 0.6,
      n: SAMPLES,
      accuracy: 35 / 45,
      // Wilson's interval by the formula.
      accuracy_low: expect.closeTo(0.6373, 4),
      accuracy_high: expect.closeTo(0.8746, 4),
      accuracy_bootstrap_low: expect.closeTo(0.64, 1),
      accuracy_bootstrap_high: expect.closeTo(0.89, 1),
      accuracy_bootstrap_groups: null,
      seeds: 1,
      accuracy_deviation: null,
      balanced_accuracy: expect.any(Number),
      macro_f1: expect.any(Number),
      accuracy_not_exactly_trained_on: null,
      accuracy_not_nearly_trained_on: null,
      reference: null,
    });
    for (const row of rows.slice(3)) {
      expect(row).toMatchObject({ parameters: null, flops: null, features: null, selection_accuracy: null });
    }
  });

  it("prints the table: costs, the split that selected, n, intervals; what all share once", () => {
    const table = text("tables/accuracy-first.md");
    expect(table).toContain(
      "Accuracy on First, test split; measured: trained on First, epochs selected on validation",
    );
    expect(table).toContain(
      "| Method | Backbone, weights | Parameters | MFLOP | Features | Validation, % | n | Accuracy, % |",
    );
    expect(table).toContain(
      "| frozen | Net M, random weights † | 2,469,134 | 500.0 | 8 | 60.00 | 45 | 77.78 |",
    );
  });

  it("says what the probabilities of each cell are worth", () => {
    const { rows } = JSON.parse(text("tables/confidence-first.json"));
    expect(rows.map(({ cell }: { cell: string }) => cell)).toEqual(SIZES.map((size) => `net-${size}.random`));
    // Three quarters sure of every answer, of which 15, 35 and 30 of 45 are right.
    for (const [i, right] of [15, 35, 30].entries()) {
      expect(rows[i].expected_calibration_error).toBeCloseTo(Math.abs(0.75 - right / 45), 6);
      expect(rows[i].largest_calibration_error).toBeCloseTo(Math.abs(0.75 - right / 45), 6);
    }
    expect(page).toContain('<section id="confidence"');
  });

  it("sets apart the cell that does best on validation, not on test", () => {
    const bold = text("tables/accuracy-first.md")
      .split("\n")
      .filter((line) => line.startsWith("| **"));
    expect(bold).toHaveLength(1);
    expect(bold[0]).toContain("Net L, random weights");
    expect(page).toContain("In bold, <strong>L</strong>");
  });

  it("says before any number, in every row, table and figure, that weights are random", () => {
    expect(page.indexOf(NOTE)).toBeGreaterThan(0);
    expect(page.indexOf(NOTE)).toBeLessThan(page.indexOf("66.67"));
    for (const [name, bytes] of files) {
      if (name.endsWith(".svg")) expect(bytes.includes("random weights"), name).toBe(true);
      if (/\.(md|json|tex)$/.test(name)) expect(bytes.includes(NOTE), name).toBe(true);
      if (name.endsWith(".csv")) expect(bytes.toString().match(/random weights/g)!.length, name).toBe(3);
    }
    expect(text("figures/accuracy-first.svg")).toContain("Net {S, M, L}, random weights");
  });

  it("shows accuracy against costs, or a row a cell where they do not all differ", async () => {
    expect(text("figures/accuracy-first.svg")).toContain("Operations an image (MFLOP)");
    const same = [0.1, 0.01].map((learningRate) => cell("s", { learningRate })) as [CellInput, CellInput];
    const cells = same.map((one, i) => ({ ...one, cell: `learningRate-${i}` })) as [CellInput, CellInput];
    await writeGridReport({ ...(await request("rates")), cells });
    const figure = await readFile(join(root, "rates", "figures", "accuracy-first.svg"), "utf8");
    expect(figure).not.toContain("MFLOP");
    expect(figure).toContain("learningRate 0.01");
    const table = await readFile(join(root, "rates", "tables", "accuracy-first.md"), "utf8");
    expect(table).toContain("| Method | Backbone, weights | learningRate | Parameters |");
    expect(table).toContain("| Net S, random weights † | 0.01 | 1,234,567 |");
  });

  it("puts the mean of runs that differ in their seed before them, and chooses none of these", async () => {
    const seeds = SIZES.map((size, i) => ({
      ...cell(size, { epochs: 60, seed: i + 1 }),
      backbone: { name: "net", title: "Net" },
      seedGroup: "sweep/epochs=60",
    })) as [CellInput, ...CellInput[]];
    const single = { ...cell("s", { epochs: 5, seed: 1 }), cell: "short", seedGroup: "sweep/epochs=5" };
    await writeGridReport({ ...(await request("seeds")), cells: [...seeds, single], beside: [] });
    const { rows, notes } = JSON.parse(
      await readFile(join(root, "seeds", "tables", "accuracy-first.json"), "utf8"),
    );
    // Right 15, 35 and 30 of 45: by numpy mean 0.5926, std(ddof=1) 0.23130.
    expect(rows[0]).toMatchObject({
      method: "frozen, mean of 3 seeds",
      cell: "mean",
      seed: "1, 2, 3",
      epochs: "60",
      seeds: 3,
      n: SAMPLES,
      accuracy: expect.closeTo(80 / 135, 12),
      accuracy_deviation: expect.closeTo(0.2313, 4),
      accuracy_low: null,
      accuracy_bootstrap_low: null,
      selection_accuracy: expect.closeTo((0.4 + 0.6 + 0.61) / 3, 12),
    });
    expect(rows.slice(1, 5).map((row: { seeds: number }) => row.seeds)).toEqual([1, 1, 1, 1]);
    expect(notes.join()).toContain("means of runs that differ in their seed alone");
    const table = await readFile(join(root, "seeds", "tables", "accuracy-first.md"), "utf8");
    const bold = table.split("\n").filter((line) => line.startsWith("| **"));
    expect(bold).toHaveLength(1);
    expect(bold[0]).toContain("mean of 3 seeds");
    const html = await readFile(join(root, "seeds", "index.html"), "utf8");
    expect(html).toContain("the setting whose 3 seeds do best on validation, with 53.67% on average");
    expect(html).toContain("mean of 3 seeds, ± 23.13");

    const others = seeds.map(({ cell: _cell, values: _values, ...input }) => input);
    await writeGridReport({ ...(await request("seeds-alone")), cells: seeds, beside: others });
    const alone = await readFile(join(root, "seeds-alone", "index.html"), "utf8");
    expect(alone).toContain("3 runs that differ in their seed alone");
    expect(alone).not.toContain("best on validation, with");
    // Beside another benchmark, they stand as one row.
    const beside = JSON.parse(
      await readFile(join(root, "seeds-alone", "tables", "accuracy-first.json"), "utf8"),
    ).rows.slice(4);
    expect(beside.map(({ seeds }: { seeds: number | null }) => seeds)).toEqual([3, null, null]);
  });

  it("leaves open what a features stage did not count", async () => {
    const features = join(root, "uncounted");
    await mkdir(features);
    await writeFile(join(features, "provenance.json"), "{}");
    await writeGridReport({ ...(await request("open")), cells: [{ ...cell("s"), features }, cell("m")] });
    const table = await readFile(join(root, "open", "tables", "accuracy-first.md"), "utf8");
    expect(table).toContain("| Net S, random weights † | — | — | 8 |");
  });

  it("sets no cell apart where nothing was trained, and says so of each", async () => {
    const train = join(root, "untrained");
    await mkdir(train);
    await writeFile(join(train, "train.json"), '{"bestEpoch": 0}');
    const untrained = (size: string) => ({
      ...cell(size),
      method: "as it came",
      trainedOn: null,
      selectedOn: null,
      train,
    });
    await writeGridReport({ ...(await request("as-it-came")), cells: [untrained("s"), untrained("m")] });
    const all = await filesOf(join(root, "as-it-came"));
    expect([...all.keys()].filter((name) => name.startsWith("figures/history"))).toEqual([]);
    expect(all.get("tables/accuracy-first.md")!.toString()).not.toContain("| **");
    const html = all.get("index.html")!.toString();
    expect(html).toContain(
      "Net {S, M}, random weights. Nothing was trained here; tested on First (45 test images)",
    );
    expect(html.match(/no epoch was chosen/g)).toHaveLength(2);
    expect(withoutScript(html)).not.toMatch(/null|undefined|NaN/);
    // One that was trained is the one to choose, however it does.
    await writeGridReport({ ...(await request("mixed")), cells: [untrained("m"), cell("s")] });
    const mixed = (await filesOf(join(root, "mixed"))).get("index.html")!.toString();
    expect(mixed).toContain("In bold, <strong>S</strong>");
    expect(mixed).toContain("Trained on First (3 images), epoch selected on validation");
    expect(withoutScript(mixed)).not.toMatch(/null|undefined|NaN/);
    const table = await readFile(join(root, "mixed", "tables", "accuracy-first.md"), "utf8");
    expect(table).toContain(
      "| as it came | Net M, random weights † | 2,469,134 | 500.0 | 8 | — | — | — | 45 |",
    );
    expect(table).toContain("| **8** | **First** | **validation** | **40.00** | **45** |");
  });

  it("takes names from data for text, asks for nothing from outside, and leads every link somewhere", () => {
    const tags = withoutScript(page).match(/<[a-z][^>]*>/gi)!;
    expect(
      tags.filter((tag) => /^<(script|link|iframe|object|embed|base|image|img|use)\b/i.test(tag)),
    ).toEqual([]);
    expect(tags.filter((tag) => /\son\w+=/.test(tag))).toEqual([]);
    expect(page.includes("&lt;img src=x")).toBe(true);
    const ids = [...page.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [, target] of page.matchAll(/href="#([^"]+)"/g)) expect(ids).toContain(target);
    for (const [, target] of page.matchAll(/href="((?:figures|tables)\/[^"]+)"/g)) {
      expect([...files.keys()]).toContain(target);
    }
    expect(page.includes("123.456")).toBe(false);
  });

  it("refuses a cell that was not evaluated on a target of the others", async () => {
    const dir = join(root, "one-target");
    await mkdir(dir);
    for (const [file, bytes] of await filesOf(join(root, "net-m.random", "evaluate"))) {
      await writeFile(join(dir, file), bytes);
    }
    const metrics = JSON.parse(await readFile(join(dir, "metrics.json"), "utf8"));
    metrics.targets.pop();
    await writeFile(join(dir, "metrics.json"), JSON.stringify(metrics));
    const cells: [CellInput, CellInput] = [cell("s"), { ...cell("m"), dir }];
    await expect(writeGridReport({ ...(await request("refused")), cells })).rejects.toMatchObject({
      code: "bad-artifact",
      file: join(dir, "metrics.json"),
    });
  });
});
