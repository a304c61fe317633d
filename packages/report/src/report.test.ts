import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeNpy } from "@fer-bench/artifacts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  exampleRequest,
  exampleWithInsight,
  filesOf,
  NOTE,
  SAMPLES,
  withoutScript,
  writeExampleStages,
  writeTraining,
} from "./finished-stages.test.helper.ts";
import { writeReport } from "./report.ts";

let root: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "fer-bench-report-"));
  await writeExampleStages(root);
});

afterAll(() => rm(root, { recursive: true, force: true }));

const request = (out: string) => exampleRequest(root, out);

describe("a report with stages that not every benchmark has", () => {
  let files: Map<string, Buffer>;
  let page: string;

  beforeAll(async () => {
    await writeReport(await exampleWithInsight(root, "insight"));
    files = await filesOf(join(root, "insight"));
    page = files.get("index.html")!.toString();
  });

  it("writes the robustness of every model that has it, by kind and level", () => {
    const { rows } = JSON.parse(files.get("tables/robustness-first.json")!.toString());
    expect(rows.map((row: Record<string, unknown>) => [row.kind, row.model])).toEqual([
      ["mean", "B0, random weights"],
      ["mean", "Raw pixels"],
      ["blur", "B0, random weights"],
      ["blur", "Raw pixels"],
      ["jpeg", "B0, random weights"],
      ["jpeg", "Raw pixels"],
    ]);
    const close = (value: number) => expect.closeTo(value, 12);
    expect(rows[2]).toMatchObject({
      accuracy: 30 / 45,
      ...{
        value_1: 1,
        accuracy_1: 25 / 45,
        value_2: 2,
        accuracy_2: 20 / 45,
        mean_accuracy: close(22.5 / 45),
      },
    });
    expect(rows[5]).toMatchObject({ value_1: 20, accuracy_1: 28 / 45, value_2: null, accuracy_2: null });
    expect(rows[0]).toMatchObject({ accuracy_1: null, mean_accuracy: close((22.5 / 45 + 25 / 45) / 2) });
    for (const format of ["md", "csv", "tex"])
      expect(files.has(`tables/robustness-first.${format}`)).toBe(true);
    expect(files.has("figures/robustness-first.svg")).toBe(true);
    expect(files.has("tables/robustness-second.json")).toBe(false);
    // The mildest levels that cost a tenth of the 30 right answers.
    expect(page).toContain("Blur 1 (deviation in pixels): 55.6%; JPEG 20 (quality): 55.6%.");
  });

  it("says where the evidence lies, by thirds of the picture", () => {
    const { rows } = JSON.parse(files.get("tables/attention-first.json")!.toString());
    expect(rows).toHaveLength(6);
    expect(rows[0]).toMatchObject({ class: "angry", answers: "right", n: 10 });
    expect(rows[1]).toMatchObject({ class: "angry", answers: "wrong", n: 5 });
    for (const { upper, middle, lower } of rows) {
      expect(upper).toBeCloseTo(1, 5);
      expect(middle + lower).toBeCloseTo(0, 5);
    }
    expect(page).toContain("Mean of 10 right answers");
    expect(page).toContain("see 29 each");
  });

  it("escapes what data sets call their classes and images, and gives the same bytes again", async () => {
    expect(withoutScript(page)).not.toContain("<img src=x");
    expect(withoutScript(page)).not.toContain("<i>");
    await writeReport(await exampleWithInsight(root, "insight-again"));
    expect(await filesOf(join(root, "insight-again"))).toEqual(files);
  });
});

describe("writeReport", () => {
  let files: Map<string, Buffer>;
  let page: string;
  let accuracy: { target: string; markdown: string }[];
  /** Whether the page holds a text; its own words for a failure, not the page. */
  const has = (text: string) => page.includes(text);

  beforeAll(async () => {
    const summary = await writeReport(await request("out"));
    accuracy = summary.accuracy;
    files = await filesOf(join(root, "out"));
    page = files.get("index.html")!.toString();
  });

  it("writes the page, and for each target its tables and figures", () => {
    const each = (target: string) => [
      ...[
        "confusion-%-counts",
        "confusion-%-percent",
        "reliability-%",
        "coverage-%",
        "curves-%",
        "tsne-%",
        "umap-%",
      ].map((name) => `figures/${name.replace("%", target)}.svg`),
      ...["accuracy-%", "confusion-%", "per-class-%"].flatMap((name) =>
        ["csv", "json", "md", "tex"].map((format) => `tables/${name.replace("%", target)}.${format}`),
      ),
    ];
    expect([...files.keys()].sort()).toEqual(
      ["index.html", "figures/history.svg", ...each("first"), ...each("second")].sort(),
    );
  });

  it("writes the same bytes again", async () => {
    await writeReport(await request("again"));
    expect(await filesOf(join(root, "again"))).toEqual(files);
  });

  it("puts measured, baseline and published rows into the accuracy table, and no number that nobody gave", () => {
    const { rows } = JSON.parse(files.get("tables/accuracy-first.json")!.toString());
    expect(rows).toEqual([
      expect.objectContaining({
        kind: "measured",
        method: "frozen",
        n: 45,
        accuracy: 30 / 45,
        selected_on: "First validation",
        caveat: NOTE,
      }),
      expect.objectContaining({ kind: "measured", method: "logistic regression", caveat: null }),
      expect.objectContaining({ kind: "baseline", accuracy: 15 / 45, balanced_accuracy: 1 / 3 }),
      {
        kind: "published",
        method: "Theirs",
        backbone: "VGG16",
        accuracy: 0.6996,
        reference: "A paper, Table 2",
        trained_on: null,
        selected_on: null,
        n: null,
        accuracy_low: null,
        accuracy_high: null,
        accuracy_bootstrap_low: null,
        accuracy_bootstrap_high: null,
        accuracy_bootstrap_groups: null,
        seeds: null,
        accuracy_deviation: null,
        balanced_accuracy: null,
        macro_f1: null,
        caveat: null,
        accuracy_not_exactly_trained_on: null,
        accuracy_not_nearly_trained_on: null,
      },
    ]);
    const [, , , cross] = JSON.parse(files.get("tables/accuracy-second.json")!.toString()).rows;
    expect(cross).toMatchObject({ method: "Cross", n: 257 });
  });

  it("gives both intervals, subjects drawn whole where they are known", () => {
    const table = (name: string) => {
      const { rows, notes } = JSON.parse(files.get(`tables/accuracy-${name}.json`)!.toString());
      return { row: rows[0], note: notes.find((note: string) => note.includes("Wilson")) };
    };
    const [first, second] = [table("first"), table("second")];
    expect(first.row).toMatchObject({ accuracy_bootstrap_groups: null, seeds: 1, accuracy_deviation: null });
    // Of 45 images 30 are right: the deviation is 0.0703.
    expect(first.row.accuracy_bootstrap_low).toBeCloseTo(30 / 45 - 1.96 * 0.0703, 1);
    expect(first.row.accuracy_bootstrap_high).toBeCloseTo(30 / 45 + 1.96 * 0.0703, 1);
    expect(first.note).not.toContain("subjects");
    expect(second.row.accuracy_bootstrap_groups).toBe(9);
    // Of each of nine people all images are right, or none.
    const width = (row: Record<string, number>) => row.accuracy_bootstrap_high! - row.accuracy_bootstrap_low!;
    expect(width(second.row)).toBeGreaterThan(1.5 * width(first.row));
    expect(second.note).toContain("the 9 subjects drawn whole");
  });

  it("gives the accuracy tables back as Markdown", () => {
    expect(accuracy.map(({ target }) => target)).toEqual(["first", "second"]);
    expect(accuracy[0]!.markdown).toBe(files.get("tables/accuracy-first.md")!.toString());
    // 30 of 45: Wilson's interval by the formula, 52.1 to 78.6 per cent.
    expect(accuracy[0]!.markdown).toContain("| **45** | **66.67** | **52.07–78.64** |");
  });

  it("says before any number, and in every table that needs it, that weights are random", () => {
    expect(page.indexOf(NOTE)).toBeGreaterThan(0);
    expect(page.indexOf(NOTE)).toBeLessThan(page.indexOf("66.67"));
    for (const name of ["accuracy-first", "per-class-first", "confusion-second"]) {
      for (const format of ["md", "json", "tex"]) {
        expect(files.get(`tables/${name}.${format}`)!.toString()).toContain(NOTE);
      }
      const [, ...records] = files.get(`tables/${name}.csv`)!.toString().trimEnd().split("\r\n");
      expect(records.filter((record) => record.includes("random")).length, name).toBeGreaterThan(0);
    }
    for (const [name, bytes] of files) {
      if (name.endsWith(".svg")) expect(bytes.includes("B0, random weights"), name).toBe(true);
    }
  });

  it("takes names from data for text, never for markup", () => {
    const tags = page.match(/<[a-z][^>]*>/gi)!;
    expect(tags.filter((tag) => tag.startsWith("<img") || /\son\w+=/.test(tag))).toEqual([]);
    expect(tags.filter((tag) => tag === "<title>")).toHaveLength(1);
    expect(has("&lt;img src=x onerror=alert(&quot;1&quot;)&gt;|a,&#39;b&#39;")).toBe(true);
    expect(tags.filter((tag) => tag.includes("javascript:"))).toEqual([]);
    expect(has('href="https://example.org/a?b=1&amp;c=2"')).toBe(true);
    for (const [name, bytes] of files) {
      if (name.endsWith(".svg")) expect(bytes.includes("<img"), name).toBe(false);
    }
  });

  it("asks for nothing from outside, and runs its own script alone", () => {
    const tags = page.match(/<[a-z][^>]*>/gi)!;
    expect(tags.filter((tag) => /^<script\b/i.test(tag))).toEqual([
      '<script type="application/json" id="samples-data">',
      "<script>",
    ]);
    const [, script] = /<script>([\s\S]*)<\/script>/.exec(page)!;
    const hash = createHash("sha256").update(script!).digest("base64");
    expect(tags.filter((tag) => /^<(link|iframe|object|embed|base|image|use)\b/i.test(tag))).toEqual([]);
    expect(tags.filter((tag) => /\s(src|srcset|poster|xlink:href)=/i.test(tag))).toEqual([]);
    expect(page.match(/@import|url\((?!data:image\/(png|webp);base64,)/gi)).toBeNull();
    expect(
      has(
        `content="default-src &#39;none&#39;; style-src &#39;unsafe-inline&#39;; img-src data:; script-src &#39;sha256-${hash}&#39;"`,
      ),
    ).toBe(true);
  });

  it("shows faces of those data sets alone that allow it", () => {
    expect(page.match(/url\(data:image\/png/g)).toHaveLength(1);
    expect(page.match(/url\(data:image\/webp/g)).toHaveLength(1);
    expect(has('aria-label="Face first/6&lt;i&gt;"')).toBe(true);
    expect(has("Face second/")).toBe(false);
    expect(page.match(/Its licence keeps its images out of reports/g)).toHaveLength(1);
  });

  it("says what made it: configuration, seed, inputs, versions, machine, licence; no times", () => {
    for (const fact of [
      "hidden&quot;: 256",
      "<dd>7</dd>",
      "0123abcd",
      "onnxruntime-node 1.30.0",
      "Example CPU, 2 cores, 8 GiB",
      "CC0 &lt;1.0&gt;",
      "feed",
    ]) {
      expect(has(fact), fact).toBe(true);
    }
    expect(has("123.456")).toBe(false);
  });

  it("states the subset behind each map", () => {
    expect(page.match(/40 of 45 test samples drawn with seed 1; 8 features/g)).toHaveLength(4);
  });

  it("leads every link inside the page somewhere", () => {
    const ids = [...page.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [, target] of page.matchAll(/href="#([^"]+)"/g)) expect(ids).toContain(target);
    for (const [, target] of page.matchAll(/href="((?:figures|tables)\/[^"]+)"/g)) {
      expect([...files.keys()]).toContain(target);
    }
  });
});

describe("writeReport refuses", () => {
  it("features that are not those of the predictions", async () => {
    const dir = await copyOfOwn("short-features");
    await writeNpy(join(dir, "first.test-features.npy"), new Float32Array(40 * 8), [40, 8]);
    await expect(report("out-1", dir)).rejects.toMatchObject({
      code: "bad-artifact",
      file: join(dir, "first.test-features.npy"),
    });
  });

  it("features that are not numbers", async () => {
    const dir = await copyOfOwn("nan-features");
    const features = new Float32Array(SAMPLES * 8).fill(Number.NaN);
    await writeNpy(join(dir, "first.test-features.npy"), features, [SAMPLES, 8]);
    await expect(report("out-2", dir)).rejects.toMatchObject({ code: "bad-artifact" });
  });

  it("metrics of other predictions", async () => {
    const dir = await copyOfOwn("other-metrics");
    const metrics = JSON.parse(await readFile(join(dir, "metrics.json"), "utf8"));
    metrics.targets[0].metrics.n = 44;
    await writeFile(join(dir, "metrics.json"), JSON.stringify(metrics));
    await expect(report("out-3", dir)).rejects.toMatchObject({
      code: "bad-artifact",
      file: join(dir, "first.predictions.parquet"),
    });
  });

  it("metrics that are not metrics, naming the field", async () => {
    const dir = await copyOfOwn("broken-metrics");
    const metrics = JSON.parse(await readFile(join(dir, "metrics.json"), "utf8"));
    metrics.targets[0].metrics.accuracy.value = 66.7;
    await writeFile(join(dir, "metrics.json"), JSON.stringify(metrics));
    await expect(report("out-4", dir)).rejects.toMatchObject({
      file: join(dir, "metrics.json"),
      field: "targets.0.metrics.accuracy.value",
    });
  });

  it("a target the benchmark does not name", async () => {
    const dir = await copyOfOwn("unnamed-target");
    const metrics = JSON.parse(await readFile(join(dir, "metrics.json"), "utf8"));
    metrics.targets[0].target = "../elsewhere";
    await writeFile(join(dir, "metrics.json"), JSON.stringify(metrics));
    await expect(report("out-5", dir)).rejects.toMatchObject({ code: "bad-artifact" });
  });

  it("a training history that is cut off", async () => {
    const train = join(root, "cut-train");
    await mkdir(train);
    await writeFile(join(train, "history.jsonl"), '{"epoch": 1, "learn');
    await writeFile(join(train, "train.json"), '{"bestEpoch": 1}');
    await expect(writeReport({ ...(await request("out-6")), train })).rejects.toMatchObject({
      code: "bad-artifact",
      file: join(train, "history.jsonl"),
    });
  });

  it("a kept epoch that the history has not", async () => {
    const train = join(root, "other-train");
    await writeTraining(train);
    await writeFile(join(train, "train.json"), '{"bestEpoch": 13}');
    await expect(writeReport({ ...(await request("out-7")), train })).rejects.toMatchObject({
      code: "bad-artifact",
      file: join(train, "train.json"),
    });
  });
});

describe("a report of a network that was not trained here", () => {
  it("says so, draws no history, and names no data that it would have been trained on", async () => {
    const train = join(root, "no-train");
    await mkdir(train);
    await writeFile(join(train, "train.json"), '{"bestEpoch": 0}');
    const whole = await request("untrained");
    const [own, ...beside] = whole.evaluations;
    const untrained = { ...own, method: "as it came", trainedOn: null, selectedOn: null };
    await writeReport({ ...whole, evaluations: [untrained, ...beside], train });
    const files = await filesOf(join(root, "untrained"));
    expect(files.has("figures/history.svg")).toBe(false);
    const page = files.get("index.html")!.toString();
    expect(page).toContain(
      "B0, random weights, as it came. Nothing was trained here; tested on First (45 test images)",
    );
    expect(page).toContain("no epoch was chosen");
    expect(withoutScript(page)).not.toContain("null");
    const { rows } = JSON.parse(files.get("tables/accuracy-first.json")!.toString());
    expect(rows[0]).toMatchObject({ method: "as it came", trained_on: null, selected_on: null });
    expect(rows[2]).toMatchObject({ kind: "baseline", trained_on: "First" });
  });
});

async function copyOfOwn(name: string): Promise<string> {
  const dir = join(root, name);
  await mkdir(dir);
  for (const [file, bytes] of await filesOf(join(root, "own"))) await writeFile(join(dir, file), bytes);
  return dir;
}

async function report(out: string, dir: string) {
  const whole = await request(out);
  const [own, ...beside] = whole.evaluations;
  return writeReport({ ...whole, evaluations: [{ ...own, dir }, ...beside] });
}
