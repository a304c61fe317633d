import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ARTIFACT_FILE, type Artifact, openArtifact } from "./artifact.ts";
import { FerBenchError } from "./errors.ts";
import { sha256 } from "./hash.ts";
import { configHash, runStage, type StageContext } from "./stage.ts";
import { temporaryFolder } from "./temporary-folder.test.helper.ts";
import { abandonedPaths, temporaryPath } from "./temporary-name.ts";
import { removeUnfinished } from "./unfinished.ts";

const prepare = (
  dir: string,
  files: Readonly<Record<string, string>>,
  more: (context: StageContext) => void = () => {},
): Promise<Artifact> =>
  runStage({ stage: "prepare", dir, config: { size: 48 }, seed: 7 }, async (out, context) => {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(join(out, name, ".."), { recursive: true });
      await writeFile(join(out, name), text);
    }
    more(context);
  });

describe("a finished stage", () => {
  it("lists its files with size and checksum and opens as what it gave", async () => {
    const parent = await temporaryFolder();
    const dir = join(parent, "deep/er/prepare");
    const artifact = await prepare(dir, { "b.txt": "two", "a/one.txt": "1" });
    expect(artifact.files).toEqual([
      { path: "a/one.txt", bytes: 1, sha256: sha256("1") },
      { path: "b.txt", bytes: 3, sha256: sha256("two") },
    ]);
    expect(artifact.path("b.txt")).toBe(join(dir, "b.txt"));
    const { path: _, ...opened } = await openArtifact(dir, "prepare");
    expect(artifact).toMatchObject(opened);
    expect(await readdir(join(parent, "deep/er"))).toEqual(["prepare"]);
  });

  it("replaces the result of the run before, whole", async () => {
    const parent = await temporaryFolder();
    const dir = join(parent, "prepare");
    await prepare(dir, { "old.txt": "old" });
    await prepare(dir, { "new.txt": "new" });
    expect((await readdir(dir)).sort()).toEqual([ARTIFACT_FILE, "new.txt", "provenance.json"]);
    expect(await readdir(parent)).toEqual(["prepare"]);
  });

  it("says where it came from, and what it noted", async () => {
    const parent = await temporaryFolder();
    const input = await prepare(join(parent, "prepare"), { "a.txt": "a" });
    await runStage(
      {
        stage: "features",
        dir: join(parent, "features"),
        config: { batchSize: 64 },
        inputs: { source: { dir: input.dir, stage: "prepare" } },
        engine: "onnx",
        libraries: { names: ["hyparquet", "not-installed"], from: import.meta.url },
      },
      async (_out, { inputs, note }) => {
        expect(inputs.source!.path("a.txt")).toBe(join(parent, "prepare/a.txt"));
        note("imagesPerSecond", 1500);
      },
    );
    const provenance = JSON.parse(await readFile(join(parent, "features/provenance.json"), "utf8"));
    expect(provenance).toMatchObject({
      stage: "features",
      config: { batchSize: 64 },
      engine: "onnx",
      inputs: { source: input.identity },
      versions: { hyparquet: expect.stringMatching(/^\d+\.\d+\.\d+/) },
      machine: { node: process.version },
      imagesPerSecond: 1500,
    });
    expect(provenance.versions).not.toHaveProperty("not-installed");
  });
});

describe("the identity", () => {
  it("is of names and contents, whenever and wherever it ran", async () => {
    const parent = await temporaryFolder();
    const files = { "a.txt": "a", "b.txt": "b" };
    const first = await prepare(join(parent, "first"), files);
    const again = await prepare(
      join(parent, "again"),
      { ...files, "tensorboard/events": `${Date.now()}` },
      ({ note }) => note("rate", 1),
    );
    expect(again.identity).toBe(first.identity);
    expect(again.files).toEqual(first.files);
    const swapped = await prepare(join(parent, "swapped"), { "a.txt": "b", "b.txt": "a" });
    expect(swapped.identity).not.toBe(first.identity);
    const fewer = await prepare(join(parent, "fewer"), { "a.txt": "a" });
    expect(fewer.identity).not.toBe(first.identity);
  });
});

describe("a stage that fails", () => {
  const failure = new FerBenchError("bad-data", "a row is short", { file: "fer2013.csv" });
  const fail = (dir: string): Promise<Artifact> =>
    prepare(dir, { "half.txt": "half" }, () => {
      throw failure;
    });

  it("leaves nothing behind, and passes its error on", async () => {
    const parent = await temporaryFolder();
    await expect(fail(join(parent, "prepare"))).rejects.toBe(failure);
    expect(await readdir(parent)).toEqual([]);
  });

  it("leaves the result of the run before as it was", async () => {
    const parent = await temporaryFolder();
    const dir = join(parent, "prepare");
    const before = await prepare(dir, { "a.txt": "a" });
    await expect(fail(dir)).rejects.toBe(failure);
    expect((await openArtifact(dir, "prepare")).identity).toBe(before.identity);
    expect(await readdir(parent)).toEqual(["prepare"]);
  });

  it("says what to do when the disk is full", async () => {
    const dir = join(await temporaryFolder(), "prepare");
    const full = Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
    const run = runStage({ stage: "prepare", dir, config: {} }, () => Promise.reject(full));
    await expect(run).rejects.toMatchObject({
      code: "unavailable",
      file: dir,
      remedy: /free space/,
      cause: full,
    });
  });
});

describe("a stage whose place or inputs change under it", () => {
  it("says so where a file of an input vanishes", async () => {
    const parent = await temporaryFolder();
    const input = await prepare(join(parent, "in"), { "a.txt": "a" });
    const request = { stage: "train", dir: join(parent, "train"), config: {} };
    const run = runStage(
      { ...request, inputs: { source: { dir: input.dir, stage: "prepare" } } },
      async () => {
        await rm(join(input.dir, "a.txt"));
        await readFile(join(input.dir, "a.txt"));
      },
    );
    await expect(run).rejects.toMatchObject({
      code: "bad-artifact",
      file: join(input.dir, "a.txt"),
      message: /vanished/,
      remedy: /run that stage again/,
    });
    expect(await readdir(parent)).toEqual(["in"]);
  });

  it("gives no result of an input that was replaced meanwhile", async () => {
    const parent = await temporaryFolder();
    const input = await prepare(join(parent, "in"), { "a.txt": "a" });
    const request = { stage: "train", dir: join(parent, "train"), config: {} };
    const run = runStage(
      { ...request, inputs: { source: { dir: input.dir, stage: "prepare" } } },
      async () => {
        await prepare(input.dir, { "a.txt": "another" });
      },
    );
    await expect(run).rejects.toMatchObject({ code: "bad-artifact", file: input.dir, message: /replaced/ });
    expect(await readdir(parent)).toEqual(["in"]);
  });

  it("says so where no folder can be made", async () => {
    const parent = await temporaryFolder();
    await writeFile(join(parent, "taken"), "");
    const run = prepare(join(parent, "taken", "prepare"), {});
    await expect(run).rejects.toMatchObject({
      code: "unavailable",
      file: join(parent, "taken", "prepare"),
      remedy: /a file is where a folder should be/,
    });
  });
});

it("sweeps away what an earlier process of the same number left", async () => {
  const parent = await temporaryFolder();
  const ours = temporaryPath(parent, "prepare");
  const [, start] = /-(\d+)-[0-9a-f]{8}$/.exec(ours) ?? [];
  // Elsewhere than on Linux, when a process started is not known, and its number alone decides.
  const earlier = ours.replace(`-${start}-`, "-1-");
  await mkdir(ours);
  await mkdir(earlier);
  expect(await abandonedPaths(parent, "prepare")).toEqual(start === undefined ? [] : [earlier]);
});

it("removes at once what is not finished, where the process has to end", async () => {
  const parent = await temporaryFolder();
  await prepare(join(parent, "whole"), { "a.txt": "a" });
  const run = runStage({ stage: "train", dir: join(parent, "train"), config: {} }, async (out) => {
    await writeFile(join(out, "half.txt"), "half");
    removeUnfinished();
    expect(await readdir(parent)).toEqual(["whole"]);
    throw new Error("ended");
  });
  await expect(run).rejects.toThrow("ended");
  expect(await readdir(parent)).toEqual(["whole"]);
});

describe("an input", () => {
  const broken = async (
    breakIt: (dir: string) => Promise<void>,
  ): Promise<{ error: unknown; dir: string; left: string[] }> => {
    const parent = await temporaryFolder();
    const dir = join(parent, "in");
    await prepare(dir, { "a.txt": "aaaa", "b.txt": "bbbb" });
    await breakIt(dir);
    let ran = false;
    const inputs = { source: { dir, stage: "prepare" } };
    const error = await runStage(
      { stage: "train", dir: join(parent, "out/train"), config: {}, inputs },
      async () => {
        ran = true;
      },
    ).catch((caught: unknown) => caught);
    expect(ran).toBe(false);
    return { error, dir, left: await readdir(parent) };
  };

  it.each<[string, string, (dir: string) => Promise<void>]>([
    ["was changed", "b.txt", (dir) => writeFile(join(dir, "b.txt"), "bbbB")],
    ["was cut off", "b.txt", (dir) => writeFile(join(dir, "b.txt"), "bb")],
    ["is gone", "a.txt", (dir) => rm(join(dir, "a.txt"))],
    ["is no list of files", ARTIFACT_FILE, (dir) => writeFile(join(dir, ARTIFACT_FILE), "{}")],
    ["was cut off as it was written", ARTIFACT_FILE, (dir) => writeFile(join(dir, ARTIFACT_FILE), '{"for')],
  ])("whose file %s stops the stage by that file's name (%s)", async (_, name, breakIt) => {
    const { error, dir, left } = await broken(breakIt);
    expect(error).toMatchObject({ name: "FerBenchError", code: "bad-artifact", file: join(dir, name) });
    expect(left).toEqual(["in"]);
  });

  it("whose list was edited does not fit its identity", async () => {
    const { error, dir } = await broken(async (folder) => {
      const path = join(folder, ARTIFACT_FILE);
      await writeFile(path, (await readFile(path, "utf8")).replace("a.txt", "c.txt"));
    });
    expect(error).toMatchObject({ code: "bad-artifact", file: join(dir, ARTIFACT_FILE) });
  });

  it("that lists files outside its folder is refused", async () => {
    for (const path of ["../a.txt", "x/../../a.txt", "/etc/hosts", ".."]) {
      const { error } = await broken(async (folder) => {
        const file = join(folder, ARTIFACT_FILE);
        const manifest = JSON.parse(await readFile(file, "utf8"));
        manifest.files[0].path = path;
        await writeFile(file, JSON.stringify(manifest));
      });
      expect(error).toMatchObject({ code: "bad-artifact", message: /not an artifact's list/ });
    }
  });

  it("that has not run, or is of another stage, is named", async () => {
    const parent = await temporaryFolder();
    const dir = join(parent, "in");
    await expect(openArtifact(dir, "prepare")).rejects.toMatchObject({ code: "missing", file: dir });
    await prepare(dir, {});
    await expect(openArtifact(dir, "features")).rejects.toMatchObject({
      code: "bad-artifact",
      message: /belongs to the prepare stage, not to features/,
    });
  });

  it("gives paths only of its own files, a sharded array's by its plain name", async () => {
    const dir = join(await temporaryFolder(), "in");
    const artifact = await prepare(dir, { "faces.00000.npy": "", "faces.00001.npy": "" });
    expect(artifact.path("faces.npy")).toBe(join(dir, "faces.npy"));
    expect(() => artifact.path("other.npy")).toThrow(expect.objectContaining({ code: "bad-artifact" }));
    expect(() => artifact.path("provenance.json")).toThrow("it has no provenance.json");
  });
});

describe("processes", () => {
  const start = (dir: string, ...args: string[]): ChildProcess =>
    spawn(
      process.execPath,
      ["--import", "tsx", join(import.meta.dirname, "stage-child.test.helper.ts"), dir, ...args],
      { cwd: import.meta.dirname, stdio: ["ignore", "pipe", "inherit"] },
    );
  const finish = async (child: ChildProcess): Promise<number | null> =>
    child.exitCode ?? ((await once(child, "exit"))[0] as number | null);

  it("killed in the middle leave no result, and the next run sweeps what they left", async () => {
    const parent = await temporaryFolder();
    const dir = join(parent, "prepare");
    const child = start(dir, "killed", "hang");
    await once(child.stdout!, "data");
    // While it runs its folder is left alone: another run of the same stage finishes beside it.
    await prepare(dir, { "a.txt": "a" });
    const beside = (await readdir(parent)).filter((name) => name.startsWith(".prepare.partial-"));
    expect(beside).toHaveLength(1);
    expect(await readdir(join(parent, beside[0]!))).toEqual(["first.txt"]);
    await rm(dir, { recursive: true });

    child.kill("SIGKILL");
    await finish(child);
    await expect(openArtifact(dir, "prepare")).rejects.toMatchObject({ code: "missing" });
    expect(await readdir(parent)).toEqual(beside);

    await prepare(dir, { "b.txt": "b" });
    expect(await readdir(parent)).toEqual(["prepare"]);
  });

  it("that run one stage at once both succeed and leave one whole result", async () => {
    const parent = await temporaryFolder();
    const dir = join(parent, "prepare");
    const exits = await Promise.all([finish(start(dir, "one")), finish(start(dir, "two"))]);
    expect(exits).toEqual([0, 0]);
    const artifact = await openArtifact(dir, "prepare");
    expect(artifact.files.map(({ path }) => path)).toEqual(["first.txt", "second.txt"]);
    const texts = await Promise.all(artifact.files.map(({ path }) => readFile(join(dir, path), "utf8")));
    expect(["one,one", "two,two"]).toContain(texts.join());
    expect(await readdir(parent)).toEqual(["prepare"]);
  });
});

it("finishes any number of runs on one folder at once", async () => {
  const parent = await temporaryFolder();
  const dir = join(parent, "prepare");
  for (let round = 0; round < 5; round++) {
    await Promise.all(
      Array.from({ length: 6 }, (_, i) => prepare(dir, { "a.txt": `${i}`, "b.txt": `${i}` })),
    );
    const [a, b] = (await openArtifact(dir, "prepare")).files;
    expect(a!.sha256).toBe(b!.sha256);
    expect(await readdir(parent)).toEqual(["prepare"]);
  }
});

it("configurations that say the same have one hash", () => {
  expect(configHash({ a: 1, b: { c: 2, d: 3 } })).toBe(configHash({ b: { d: 3, c: 2 }, a: 1 }));
  expect(configHash({ a: 1 })).not.toBe(configHash({ a: 2 }));
});
