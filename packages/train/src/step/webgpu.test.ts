import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it, type TestContext } from "vitest";
import { furthest } from "./trained-steps.test.helper.ts";
import type { WebGpuSteps } from "./webgpu-child.test.helper.ts";

/** Debian's package chromium brings SwiftShader, a GPU in software, for machines without one. */
const SWIFTSHADER = "/usr/lib/chromium/vk_swiftshader_icd.json";

/** Milliseconds. It takes half a minute of processor time, nearly all of it for shaders; a busy machine has little. */
const LONGEST = 1_800_000;

/** What the Vulkan loader reads when a process starts, so the training has a process of its own. */
function environment(): NodeJS.ProcessEnv {
  const vulkan = existsSync(SWIFTSHADER) && { VK_DRIVER_FILES: SWIFTSHADER };
  return { XDG_RUNTIME_DIR: tmpdir(), ...vulkan, ...process.env };
}

describe("training on WebGPU", () => {
  let found: WebGpuSteps;
  beforeAll(async () => {
    const child = fileURLToPath(new URL("./webgpu-child.test.helper.ts", import.meta.url));
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ["--conditions=@fer-bench/source", "--import", "tsx", child],
      { env: environment(), timeout: LONGEST },
    );
    found = JSON.parse(stdout);
  }, LONGEST);

  it("has the gradients of TensorFlow.js", (context) => {
    requireAdapter(context);
    for (const [network, difference] of Object.entries(found.gradients!)) {
      expect(difference, network).toBeLessThan(1e-3);
    }
  });

  it("has the CPU's losses in ten steps, and its weights after them", (context) => {
    requireAdapter(context);
    const { cpu, webgpu } = found;
    expect(webgpu!.losses).toHaveLength(10);
    expect(furthest(cpu!.losses, webgpu!.losses)).toBeLessThan(1e-3);
    expect(furthest(cpu!.kernel, webgpu!.kernel)).toBeLessThan(1e-3);
  });

  it("goes on from a state that was read back from the GPU", (context) => {
    requireAdapter(context);
    expect(found.resumed!.losses).toEqual(found.webgpu!.losses.slice(5));
    expect(found.resumed!.kernel).toEqual(found.webgpu!.kernel);
  });

  it("validates on the GPU while the trainer is open", (context) => {
    requireAdapter(context);
    expect(furthest(found.cpu!.logits, found.webgpu!.logits)).toBeLessThan(1e-3);
  });

  function requireAdapter({ skip }: TestContext): void {
    if (found.unavailable === undefined) return;
    const message = `no WebGPU adapter (CONTRIBUTING.md says how to have one): ${found.unavailable}`;
    if (process.env.FER_BENCH_REQUIRE === "1") expect.fail(message);
    skip(message);
  }
});
