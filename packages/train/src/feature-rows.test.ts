import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openNpyWriter, writeNpy } from "@fer-bench/artifacts";
import { describe, expect, it } from "vitest";
import { openFeatureRows } from "./feature-rows.ts";

const folder = () => mkdtempSync(join(tmpdir(), "fer-bench-rows-"));

/** Row i is [i, i + 0.5, -i], over several shards and several chunks. */
async function writeRows(count: number): Promise<string> {
  const path = join(folder(), "features.npy");
  const writer = await openNpyWriter(path, "float32", [3], { shardBytes: 12 * 1000 });
  await writer.append(
    Float32Array.from({ length: 3 * count }, (_, i) => [i / 3, (i - 1) / 3 + 0.5, -(i - 2) / 3][i % 3]!),
  );
  await writer.close();
  return path;
}

describe("openFeatureRows", () => {
  it.each([
    ["memory", undefined],
    ["the file", 0],
  ])("gathers rows in any order from %s", async (_, memoryLimit) => {
    const path = await writeRows(2500);
    const indices = Int32Array.of(2499, 0, 7, 1023, 1024, 1025, 2048);
    const rows = await openFeatureRows(path, indices, memoryLimit === undefined ? {} : { memoryLimit });
    expect([rows.count, rows.width]).toEqual([7, 3]);
    const into = new Float32Array(5 * 3).fill(9);
    await rows.gather(Int32Array.of(6, 0, 3, 3), into);
    await rows.close();
    expect([...into]).toEqual([
      2048, 2048.5, -2048, 2499, 2499.5, -2499, 1023, 1023.5, -1023, 1023, 1023.5, -1023, 9, 9, 9,
    ]);
  });

  it("refuses an array that has too few rows, or is of pictures", async () => {
    const path = await writeRows(10);
    await expect(openFeatureRows(path, Int32Array.of(3, 10))).rejects.toMatchObject({
      code: "bad-artifact",
      file: path,
    });
    const faces = join(folder(), "faces.npy");
    await writeNpy(faces, new Uint8Array(12), [2, 6]);
    await expect(openFeatureRows(faces, Int32Array.of(0))).rejects.toMatchObject({
      code: "bad-artifact",
      file: faces,
    });
  });
});
