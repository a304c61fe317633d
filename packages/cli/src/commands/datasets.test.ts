import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { DuckDBInstance } from "@duckdb/node-api";
import { EXIT_STATUS, FerBenchError, readParquet, sha256, silent } from "@fer-bench/artifacts";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import type { CommandContext } from "../context.ts";
import { findWorkspace } from "../workspace.ts";
import { describeSet, fetchDatasets, listDatasets, reportDataset, verifyDataset } from "./datasets.ts";
import { generate } from "./generate.ts";
import { prepare } from "./prepare.ts";
import { preprocess } from "./preprocess.ts";

const LABELS = ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"];
const counts = (of: readonly string[], n: number) => Object.fromEntries(of.map((label) => [label, n]));
/** What the tiny set is distributed as: three pictures that differ in one value. */
const TINY = Buffer.from("7\n90\n200\n");

let root: string;

/** A package whose archive has a picture a line; read by its name, like anybody's. */
const TINY_PACKAGE = `
import { copyFileSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
const splits = ["train", "train", "test"];
export default {
  name: "tiny",
  options: { safeParse: (data) => ({ success: true, data }) },
  async importRaw({ source, rawDir }) {
    mkdirSync(rawDir, { recursive: true });
    copyFileSync(source, join(rawDir, "tiny.txt"));
    writeFileSync(join(rawDir, "import.json"), "{}");
    return { form: "a line a picture", files: [], warnings: [] };
  },
  async *samples({ rawDir }) {
    const lines = readFileSync(join(rawDir, "tiny.txt"), "utf8").trim().split("\\n");
    for (const [i, line] of lines.entries()) {
      yield { id: String(i), split: splits[i], label: i === 1 ? "b" : "a", path: "tiny.txt#" + i,
        image: { width: 2, height: 1, channels: 1, data: Uint8Array.of(Number(line), 9) } };
    }
  },
};`;

function writeManifest(urls: readonly string[]): void {
  const common = {
    citation: "none",
    source: { howToGet: "Ask whoever has it.", url: "https://example.org/ask" },
  };
  const tiny = {
    ...common,
    package: "tiny",
    title: "Tiny",
    licence: { name: "CC0", redistributable: true },
    archives: [{ file: "tiny.txt", bytes: TINY.length, sha256: sha256(TINY), urls }],
    classes: ["a", "b"],
    channels: 1,
    face: { kind: "whole" },
    expected: { counts: { train: { a: 1, b: 1 }, test: { a: 1 } } },
  };
  const rendered = {
    ...common,
    package: "@fer-bench/dataset-synthetic",
    title: "Rendered",
    licence: { name: "MIT", url: "https://opensource.org/license/mit", redistributable: true },
    description: "Rendered for a test.",
    creators: ["Nobody"],
    published: "2026-01-31",
    homepage: "https://example.org/rendered",
    generated: true,
    classes: LABELS,
    channels: 3,
    options: { size: 48, identities: { train: 1, validation: 1, test: 1 } },
    face: { kind: "box", margin: 0.1 },
    expected: {
      counts: Object.fromEntries(["train", "validation", "test"].map((s) => [s, counts(LABELS, 1)])),
    },
  };
  const licensed = {
    ...tiny,
    title: "Licensed",
    licence: { name: "on request", redistributable: false },
    archives: [],
  };
  writeFileSync(
    join(root, "datasets.manifest.json"),
    JSON.stringify({ datasets: { tiny, rendered, licensed } }),
  );
}

/** Runs a command; gives what it prints. */
async function run(
  command: (context: CommandContext) => Promise<unknown>,
  options: Partial<CommandContext> = {},
): Promise<string> {
  const lines: string[] = [];
  await command({
    workspace: findWorkspace(root),
    progress: silent,
    offline: false,
    threads: 1,
    json: false,
    print: (line) => void lines.push(line),
    ...options,
  });
  return lines.join("\n");
}

const json = async (command: (context: CommandContext) => Promise<unknown>) =>
  JSON.parse(await run(command, { json: true }));

async function refusal(of: Promise<unknown>): Promise<FerBenchError> {
  const error = await of.catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(FerBenchError);
  return error as FerBenchError;
}

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "fer-bench-datasets-"));
  mkdirSync(join(root, "node_modules", "tiny"), { recursive: true });
  writeFileSync(join(root, "package.json"), "{}");
  const manifest = { name: "tiny", type: "module", exports: "./index.mjs" };
  writeFileSync(join(root, "node_modules", "tiny", "package.json"), JSON.stringify(manifest));
  writeFileSync(join(root, "node_modules", "tiny", "index.mjs"), TINY_PACKAGE);
  writeManifest([]);
  for (const command of [generate, prepare, preprocess]) await run((context) => command(context, "rendered"));
}, 300_000);
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe("a data set that may be downloaded", () => {
  test("is downloaded, checked, imported and listed; offline it comes from where it was kept", async () => {
    vi.stubEnv("FER_BENCH_CACHE", join(root, "cache"));
    vi.stubEnv("FER_BENCH_DOWNLOADS_DIR", undefined);
    onTestFinished(() => void vi.unstubAllEnvs());
    let asked = 0;
    const server = createServer((_, response) => {
      asked++;
      response.end(TINY);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    writeManifest([`http://127.0.0.1:${(server.address() as AddressInfo).port}/tiny.txt`]);

    const offline = await refusal(run((context) => fetchDatasets(context, ["tiny"]), { offline: true }));
    expect(offline).toMatchObject({ code: "missing", message: expect.stringMatching(/switched off/) });
    expect(asked).toBe(0);

    expect(await json((context) => fetchDatasets(context, ["tiny"]))).toMatchObject([
      { name: "tiny", from: "download", imported: { form: "a line a picture" } },
    ]);
    expect(readFileSync(join(root, "data", "raw", "tiny", "tiny.txt"))).toEqual(TINY);
    const again = await run((context) => fetchDatasets(context, ["tiny"]), { offline: true });
    expect(again).toMatch(/tiny: from the cache/);
    expect(asked).toBe(1);
    const rows = await json(listDatasets);
    expect(rows).toMatchObject([
      { name: "tiny", state: "imported", fetch: true, samples: 3 },
      { name: "rendered", state: "made by code", fetch: false },
      { name: "licensed", state: "not here", fetch: false },
    ]);
  });

  test("is verified against the manifest, and against what was prepared from it", async () => {
    expect(await json((context) => verifyDataset(context, "tiny"))).toMatchObject({
      name: "tiny",
      splits: [
        { split: "train", samples: 2, expected: "not in the manifest" },
        { split: "test", samples: 1 },
      ],
    });
    await run((context) => prepare(context, "tiny"));
    expect(await run((context) => verifyDataset(context, "tiny"))).toMatch(/prepare +every file as it was/);
    const raw = join(root, "data", "raw", "tiny", "tiny.txt");
    writeFileSync(raw, "8\n90\n200\n");
    const changed = await refusal(run((context) => verifyDataset(context, "tiny")));
    expect(changed).toMatchObject({ code: "bad-artifact", message: expect.stringMatching(/^train was/) });
    writeFileSync(raw, "8\n90\n");
    expect(await refusal(run((context) => verifyDataset(context, "tiny")))).toMatchObject({
      code: "bad-data",
    });
    writeFileSync(raw, TINY);
  });
});

test("a file without a checksum is taken where that is wanted, and its checksum written down", async () => {
  vi.stubEnv("FER_BENCH_CACHE", join(root, "cache"));
  onTestFinished(() => void vi.unstubAllEnvs());
  const server = createServer((_, response) => void response.end(TINY));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const file = join(root, "datasets.manifest.json");
  const archive = () => JSON.parse(readFileSync(file, "utf8")).datasets.tiny.archives[0];
  const commit = "0123456789".repeat(4);
  writeManifest([`http://127.0.0.1:${(server.address() as AddressInfo).port}/${commit}/tiny.txt`]);
  const { bytes, sha256: checksum, ...unpinned } = archive();
  writeFileSync(
    file,
    readFileSync(file, "utf8").replace(JSON.stringify(archive()), JSON.stringify(unpinned)),
  );
  const refused = await refusal(run((context) => fetchDatasets(context, ["tiny"])));
  expect(refused).toMatchObject({ code: "missing", field: "datasets.tiny.archives.0.sha256" });
  expect(refused.remedy).toMatch(/fetch tiny --first-use$/);
  await run((context) => fetchDatasets(context, ["tiny"], { firstUse: true }));
  expect(archive()).toEqual({ ...unpinned, bytes, sha256: checksum });
  // From now on it is known, where it was put too, and anything else is refused.
  expect(await run((context) => fetchDatasets(context, ["tiny"]))).toMatch(/tiny: from the cache/);
  rmSync(join(root, "cache"), { recursive: true });
  expect(await run((context) => fetchDatasets(context, ["tiny"]))).toMatch(/tiny: downloaded/);
});

test("what is no data set is not written down", async () => {
  vi.stubEnv("FER_BENCH_CACHE", join(root, "other-cache"));
  onTestFinished(() => void vi.unstubAllEnvs());
  const server = createServer((_, response) => void response.end(TINY));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const commit = "0123456789".repeat(4);
  writeManifest([`http://127.0.0.1:${(server.address() as AddressInfo).port}/${commit}/tiny.txt`]);
  const file = join(root, "datasets.manifest.json");
  const whole = readFileSync(file, "utf8");
  onTestFinished(() => writeFileSync(file, whole));
  const manifest = JSON.parse(readFileSync(file, "utf8"));
  const { bytes: _, sha256: __, ...unpinned } = manifest.datasets.tiny.archives[0];
  manifest.datasets.tiny.archives[0] = unpinned;
  // Another protocol's data: its import refuses whatever comes.
  manifest.datasets.tiny.raw = "rendered";
  writeFileSync(file, JSON.stringify(manifest));
  const before = readFileSync(file, "utf8");
  const refused = await refusal(run((context) => fetchDatasets(context, ["tiny"], { firstUse: true })));
  expect(refused).toMatchObject({ code: "bad-config", field: "datasets.tiny.raw" });
  expect(readFileSync(file, "utf8")).toBe(before);
});

test("a licensed set is never downloaded: the error says where to ask, and where what goes", async () => {
  const error = await refusal(run((context) => fetchDatasets(context, ["licensed"])));
  expect(error).toMatchObject({
    code: "missing",
    message: expect.stringMatching(/its licence asks for consent \(on request\)/),
    file: join(root, "data", "raw", "licensed"),
  });
  expect(error.remedy).toBe(
    "Ask whoever has it. It is at https://example.org/ask Then run: fer-bench datasets import licensed <path>",
  );
  expect(EXIT_STATUS[error.code]).toBe(66);
  expect(await refusal(run((context) => verifyDataset(context, "licensed")))).toMatchObject({
    code: "missing",
  });
  expect(await refusal(run((context) => fetchDatasets(context, ["rendered"])))).toMatchObject({
    code: "bad-config",
  });
});

describe("a prepared set", () => {
  let folder: string;

  beforeAll(async () => {
    const { report, duplicates } = await json((context) => reportDataset(context, "rendered", {}));
    expect(duplicates).toEqual({ images: 0, acrossLabels: 0, acrossSplits: 0 });
    folder = join(root, report, "..");
  });

  test("is described by info, with its counts and copies", async () => {
    const text = await run((context) => describeSet(context, "rendered"));
    expect(text).toMatch(/rendered: Rendered/);
    expect(text).toMatch(/neutral +1 +1 +1/);
    expect(text).toMatch(/0 images are exact copies/);
    expect(await json((context) => describeSet(context, "rendered"))).toMatchObject({
      name: "rendered",
      finished: ["generate", "prepare", "preprocess", "describe"],
      prepared: { counts: { test: counts(LABELS, 1) } },
    });
  });

  test("has a report, a card and metadata, and they do not change when they are written again", async () => {
    expect(readdirSync(folder).sort()).toEqual([
      "README.md",
      "artifact.json",
      "croissant.json",
      "dataset-report.html",
      "faces.parquet",
      "figures",
      "provenance.json",
      "records.parquet",
      "repeats.csv",
    ]);
    const before = readFileSync(join(folder, "artifact.json"), "utf8");
    await run((context) => reportDataset(context, "rendered", {}));
    expect(readFileSync(join(folder, "artifact.json"), "utf8")).toBe(before);
    const card = readFileSync(join(folder, "README.md"), "utf8");
    expect(card).toMatch(/^---\npretty_name: "Rendered"\nlicense: other\nlicense_name: "MIT"\n/);
    expect(card).toContain("- config_name: records\n  data_files: records.parquet");
    expect(card).toContain("| neutral | 1 | 1 | 1 |");
  });

  test("has Croissant metadata that a checker passes", () => {
    const python = "/usr/bin/python3";
    const libraries =
      "import importlib.util as u, sys; sys.exit(not (u.find_spec('mlcroissant') or u.find_spec('rdflib')))";
    if (spawnSync(python, ["-c", libraries]).status !== 0) {
      const message =
        "no mlcroissant and no rdflib for /usr/bin/python3 (pip install mlcroissant, or Debian's python3-rdflib)";
      if (process.env.FER_BENCH_REQUIRE === "1") expect.unreachable(message);
      process.stderr.write(`skipped: ${message}\n`);
      return;
    }
    const script = fileURLToPath(new URL("../../../../tools/check_croissant.py", import.meta.url));
    const checked = spawnSync(python, [script, join(folder, "croissant.json")], { encoding: "utf8" });
    expect(checked.stderr).toBe("");
    const { recordSets } = JSON.parse(checked.stdout);
    expect(recordSets).toMatchObject({ labels: 1, splits: 2, records: 17, faces: 14 });
  });

  test("has tables that DuckDB opens, with the rows that we read", async () => {
    const connection = await (await DuckDBInstance.create()).connect();
    for (const name of ["records", "faces"]) {
      const file = join(folder, `${name}.parquet`);
      const ours = await readParquet<{ id: string; split: string; label: string }>(file);
      const reader = await connection.runAndReadAll(
        `select id, split, label from '${file.replaceAll("'", "''")}' order by "index"`,
      );
      expect(reader.getRowObjectsJson()).toEqual(ours.map(({ id, split, label }) => ({ id, split, label })));
    }
    const landmarks = await connection.runAndReadAll(
      `select count(*)::int as n, min(len(landmarks))::int as points from '${join(folder, "records.parquet")}'`,
    );
    expect(landmarks.getRowObjectsJson()).toEqual([{ n: 21, points: 136 }]);
    connection.closeSync();
  });

  test("has tables that pandas opens", () => {
    const python = "/usr/bin/python3";
    if (spawnSync(python, ["-c", "import pandas, pyarrow"]).status !== 0) {
      const message = "/usr/bin/python3 has no pandas with pyarrow (pip install pandas pyarrow)";
      if (process.env.FER_BENCH_REQUIRE === "1") expect.unreachable(message);
      process.stderr.write(`skipped: ${message}\n`);
      return;
    }
    const code = "import pandas, sys; t = pandas.read_parquet(sys.argv[1]); print(len(t), t.label.nunique())";
    const read = spawnSync(python, ["-c", code, join(folder, "records.parquet")], { encoding: "utf8" });
    expect(read.stdout.trim()).toBe("21 7");
  });
});
