import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lowerClassifier, shippedClassifier, writeClassifier } from "@fer-bench/models";
import { afterAll, describe, expect, it } from "vitest";
import { openAnyClassifier, SHIPPED } from "./open-any-classifier.ts";

const folder = mkdtempSync(join(tmpdir(), "fer-bench-any-classifier-"));
const at = (name: string): string => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function probabilitiesOf(file: string | undefined): Promise<{ name: string; values: number[] }> {
  const { name, running } = await openAnyClassifier(file, 1);
  const face = Uint8Array.from({ length: 48 * 48 }, (_, i) => (i * i) % 251);
  const [answer] = await running.classify(face);
  await running.close();
  return { name, values: [...answer!.probabilities] };
}

describe("any classifier", () => {
  it("is the one that comes with fer-bench, or a file told by what is in it", async () => {
    const classifier = (await shippedClassifier(SHIPPED))!;
    await writeClassifier(at("mine.bin"), classifier);
    writeFileSync(at("mine"), lowerClassifier(classifier));
    const shipped = await probabilitiesOf(undefined);
    expect(shipped.name).toBe(SHIPPED);
    expect(await probabilitiesOf(at("mine.bin"))).toEqual({ name: at("mine.bin"), values: shipped.values });
    const { values } = await probabilitiesOf(at("mine"));
    for (const [i, value] of values.entries()) expect(value).toBeCloseTo(shipped.values[i]!, 5);
  });

  it("is refused by name where it is not there or is none", async () => {
    writeFileSync(at("text"), "no network");
    writeFileSync(at("short"), "{");
    for (const [file, code] of [
      [at("nowhere"), "missing"],
      [at("text"), "bad-artifact"],
      [at("short"), "bad-artifact"],
      [folder, "missing"],
    ] as const) {
      await expect(openAnyClassifier(file, 1)).rejects.toMatchObject({ code, file });
    }
  });
});
