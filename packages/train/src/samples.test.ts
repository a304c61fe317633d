import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeParquet } from "@fer-bench/artifacts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { selectTraining, unseen } from "./overlap.ts";
import { readFaceSamples } from "./samples.ts";

const text = (name: string) => ({ name, type: "string" }) as const;
const FACE_COLUMNS = [{ name: "index", type: "int32" }, text("id"), text("split"), text("label")] as const;

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "fer-bench-samples-"));
  await writeParquet(
    join(root, "records.parquet"),
    [
      text("id"),
      text("pixelSha256"),
      { name: "repeatGroup", type: "int32", nullable: true },
      { ...text("subject"), nullable: true },
    ],
    [
      { id: "a", pixelSha256: "A" },
      { id: "b", pixelSha256: "B", repeatGroup: 1 },
      { id: "c#7", pixelSha256: "C", repeatGroup: 2 },
      { id: "d", pixelSha256: "D", repeatGroup: 2 },
    ],
  );
});
afterAll(() => rm(root, { recursive: true, force: true }));

function read(rows: readonly [id: string, split: string][]) {
  const faces = join(root, "faces.parquet");
  const written = rows.map(([id, split], index) => ({ index, id, split, label: "happy" }));
  return writeParquet(
    faces,
    [...FACE_COLUMNS, { name: "votes", type: "ints", nullable: true }],
    written,
  ).then(() => readFaceSamples(faces, join(root, "records.parquet")));
}

describe("chips of which some records have none, and some several", () => {
  it("are each of their record", async () => {
    const samples = await read([
      ["a", "train"],
      ["a#2", "train"],
      ["c#7", "train"],
      ["c#7#3", "test"],
      ["d", "test"],
    ]);
    expect(samples.map(({ id, pixelSha256, repeatGroup }) => [id, pixelSha256, repeatGroup])).toEqual([
      ["a", "A", undefined],
      ["a#2", "A", undefined],
      ["c#7", "C", 2],
      ["c#7#3", "C", 2],
      ["d", "D", 2],
    ]);
    const test = samples.filter(({ split }) => split === "test");
    const train = samples.filter(({ split }) => split === "train");
    expect(unseen(test, train, false)).toEqual([1]);
    expect(unseen(test, train, true)).toEqual([]);
    expect([...selectTraining(samples, ["happy"], "drop-near").indices]).toEqual([0, 1]);
  });

  it("are refused where there is no such record", async () => {
    for (const id of ["e", "e#2", "#2"]) {
      await expect(read([[id, "train"]])).rejects.toMatchObject({
        code: "bad-artifact",
        message: expect.stringContaining(id),
      });
    }
  });
});
