import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRandom, randomInt, writeNpy } from "@fer-bench/artifacts";
import { describe, expect, it, onTestFinished } from "vitest";
import { openFaces } from "../faces.ts";
import { shareFaces, shareLabels } from "./shared-samples.ts";

const SIZE = 4;

describe("shareFaces", () => {
  it("puts any rows of an array in the order asked for, in the channels asked for", async () => {
    const dir = mkdtempSync(join(tmpdir(), "fer-bench-faces-"));
    onTestFinished(() => rmSync(dir, { recursive: true }));
    const path = join(dir, "faces.npy");
    const random = createRandom("faces");
    const data = Uint8Array.from({ length: 3000 * SIZE * SIZE }, () => randomInt(random, 256));
    await writeNpy(path, data, [3000, SIZE, SIZE, 1]);

    const rows = Int32Array.of(2999, 3, 1500, 0, 1023, 1024, 2998, 3);
    const faces = await openFaces(path, SIZE);
    const grey = await shareFaces(faces, rows, SIZE, 1);
    const colour = await shareFaces(faces, rows, SIZE, 3);
    await faces.close();

    const expected = [...rows].flatMap((row) => [
      ...data.subarray(row * SIZE * SIZE, (row + 1) * SIZE * SIZE),
    ]);
    expect([...grey]).toEqual(expected);
    expect([...colour]).toEqual(expected.flatMap((level) => [level, level, level]));
    expect(grey.buffer).toBeInstanceOf(SharedArrayBuffer);
  });
});

describe("shareLabels", () => {
  it("makes one-hot rows", () => {
    expect([...shareLabels(Int32Array.of(2, 0), 3)]).toEqual([0, 0, 1, 1, 0, 0]);
  });
});
