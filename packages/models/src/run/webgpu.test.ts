import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it, type TestContext } from "vitest";
import type { WebGpuResult } from "./webgpu-child.test.support.ts";

/** Debian's package chromium brings SwiftShader, a GPU in software, for machines without one. */
const SWIFTSHADER = "/usr/lib/chromium/vk_swiftshader_icd.json";

/** What the Vulkan loader reads when a process starts, so the comparison has a process of its own. */
function environment(): NodeJS.ProcessEnv {
  const vulkan = existsSync(SWIFTSHADER) && { VK_DRIVER_FILES: SWIFTSHADER };
  return { XDG_RUNTIME_DIR: tmpdir(), ...vulkan, ...process.env };
}

describe("WebGPU", () => {
  let result: WebGpuResult;
  beforeAll(async () => {
    const child = fileURLToPath(new URL("./webgpu-child.test.support.ts", import.meta.url));
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ["--conditions=@fer-bench/source", "--import", "tsx", child],
      { env: environment() },
    );
    result = JSON.parse(stdout);
  }, 300_000);

  it.for(["grey", "colour"] as const)("gives the CPU's features of %s pictures", (channels, context) => {
    requireAdapter(context);
    expect(result[channels]).toBeLessThan(1e-3);
  });

  it("gives what the CPU gives of every other kind of layer", (context) => {
    requireAdapter(context);
    expect(result.others).toBeLessThan(1e-3);
  });

  it("gives the CPU's probabilities", (context) => {
    requireAdapter(context);
    expect(result.head).toBeLessThan(1e-3);
  });

  function requireAdapter({ skip }: TestContext): void {
    if (result.unavailable === undefined) return;
    const message = `no WebGPU adapter (CONTRIBUTING.md says how to have one): ${result.unavailable}`;
    if (process.env.FER_BENCH_REQUIRE === "1") expect.fail(message);
    skip(message);
  }
});
