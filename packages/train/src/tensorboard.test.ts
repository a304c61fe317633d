import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { openEventWriter } from "./tensorboard.ts";

it("writes the bytes that TensorBoard's own writer writes", () => {
  const path = join(mkdtempSync(join(tmpdir(), "fer-bench-")), "train", "events.out.tfevents.fer-bench");
  const times = [1700000000.25, 1700000001.5, 1700000002.75];
  const writer = openEventWriter(path, () => times.shift()!);
  writer.scalars(1, { epoch_loss: 1.9065953, epoch_accuracy: 0.2676861 });
  writer.scalars(300, { epoch_learning_rate: 0.001 });
  // tools/fixtures/tensorboard_events.py, with tensorboard 2.21.0.
  const expected = readFileSync(new URL("../test/events.tfevents", import.meta.url));
  expect(readFileSync(path).toString("hex")).toBe(expected.toString("hex"));
});
