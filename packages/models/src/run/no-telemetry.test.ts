import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";

test("running a network reports nothing, and leaves no file behind", () => {
  const folder = mkdtempSync(join(tmpdir(), "fer-bench-telemetry-"));
  const program = `
    const { createPredictor, findBackbone } = await import("@fer-bench/models");
    const input = { height: 8, width: 8, channels: 1 };
    const { graph, weights } = await findBackbone("pixels").create({ input, seed: 1 });
    const predictor = await createPredictor({ graph, weights, batchSize: 1, threads: 1 });
    console.log((await predictor.run(new Uint8Array(64).fill(255), 1))[0]);
    await predictor.close();`;
  const flags = [
    "--conditions=@fer-bench/source",
    "--import",
    import.meta.resolve("tsx"),
    "--input-type=module",
  ];
  const { ORT_DISABLE_TELEMETRY: _, ...env } = process.env;
  const output = execFileSync(process.execPath, [...flags, "--eval", program], {
    cwd: import.meta.dirname,
    encoding: "utf8",
    env: { ...env, TMPDIR: folder, HOME: folder, XDG_CACHE_HOME: folder },
  });
  expect(output).toBe("1\n");
  // What tsx compiled is its own.
  expect(readdirSync(folder).filter((name) => !name.startsWith("tsx-"))).toEqual([]);
  rmSync(folder, { recursive: true });
});
