import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";

const launcher = fileURLToPath(new URL("../bin/fer-bench.mjs", import.meta.url));
const classes = ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"];

let workspace: string;
beforeEach(() => {
  workspace = mkdtempSync(join(tmpdir(), "fer-bench-interrupts-"));
  const people = { train: 10, validation: 1, test: 1 };
  const entry = {
    package: "@fer-bench/dataset-synthetic",
    title: "Rendered",
    licence: { name: "MIT", redistributable: true },
    citation: "none",
    source: { howToGet: "Rendered." },
    generated: true,
    classes,
    channels: 3,
    options: { size: 160, identities: people },
    face: { kind: "box" },
    expected: { counts: {} },
  };
  writeFileSync(join(workspace, "datasets.manifest.json"), JSON.stringify({ datasets: { rendered: entry } }));
});
afterEach(() => rmSync(workspace, { recursive: true, force: true }));

/** Sends a signal once the stage has begun to write, and gives how it ended. */
async function endBy(signal: NodeJS.Signals): Promise<{ status: number | null; stderr: string }> {
  const child = spawn(process.execPath, [launcher, "--quiet", "-w", workspace, "generate", "rendered"]);
  let stderr = "";
  child.stderr.on("data", (chunk) => (stderr += chunk));
  const ended = once(child, "close");
  const folder = join(workspace, "artifacts", "datasets", "rendered");
  while (!existsSync(folder) || readdirSync(folder).length === 0) await wait(5);
  child.kill(signal);
  const [status] = (await ended) as [number | null];
  return { status, stderr };
}

test.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)(
  "%s stops a stage in order: exit status %i, and nothing unfinished stays",
  async (signal, status) => {
    const ending = await endBy(signal);
    expect(ending).toMatchObject({ status, stderr: expect.stringMatching(/^stopping: /) });
    expect(ending.stderr).toMatch(/error: stopped before it was finished\n {2}remedy: run the same command/);
    expect(readdirSync(join(workspace, "artifacts", "datasets", "rendered"))).toEqual([]);
  },
);
