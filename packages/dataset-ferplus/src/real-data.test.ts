import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { silent } from "@fer-bench/artifacts";
import { readImportRecord, readManifest } from "@fer-bench/datasets";
import { expect, test } from "vitest";
import { FER_PLUS } from "./facts.ts";
import { ferPlus } from "./ferplus.ts";

const votes = process.env.FER_BENCH_FERPLUS;
const imported = fileURLToPath(new URL("../../../data/raw/ferplus", import.meta.url));
const here =
  votes !== undefined ||
  (await readImportRecord(imported, FER_PLUS).then(
    () => true,
    () => false,
  ));
const name = "FER+ itself (set FER_BENCH_FERPLUS to fer2013new.csv, or import it into data/raw/ferplus)";

if (!here && process.env.FER_BENCH_REQUIRE !== "1") test.skip(name, () => {});
else {
  test.each(["ferplus", "ferplus-soft"])(`${name}: what the manifest says of %s`, async (entryName) => {
    expect(here, "FER_BENCH_REQUIRE=1, and FER+ is not there").toBe(true);
    const manifest = await readManifest(
      fileURLToPath(new URL("../../../datasets.manifest.json", import.meta.url)),
    );
    const { options, expected, classes } = manifest.datasets[entryName]!;
    const dir = await mkdtemp(join(tmpdir(), "fer-bench-ferplus-"));
    try {
      const rawDir = votes === undefined ? imported : dir;
      const parsed = ferPlus.options.parse(options);
      if (votes) await ferPlus.importRaw!({ source: votes, rawDir, options: parsed, progress: silent });
      // The images do not matter to the labels: these have one pixel.
      const pixel = { width: 1, height: 1, channels: 1, data: new Uint8Array(1) } as const;
      const splits = [
        ["train", 28_709],
        ["validation", 3589],
        ["test", 3589],
      ] as const;
      async function* fer2013() {
        let row = 0;
        for (const [split, count] of splits) {
          for (let i = 0; i < count; i++, row++) {
            const id = `fer2013-${String(row).padStart(5, "0")}`;
            yield { id, split, label: "happy", path: `${row}`, image: pixel };
          }
        }
      }
      const counts: Record<string, Record<string, number>> = {};
      const request = { rawDir, options: parsed, reads: { fer2013 }, progress: silent };
      for await (const sample of ferPlus.samples(request)) {
        counts[sample.split] ??= Object.fromEntries(classes.map((label) => [label, 0]));
        counts[sample.split]![sample.label]! += 1;
      }
      expect(counts).toEqual(expected.counts);
      expect((await ferPlus.inventory!(request)).tally).toEqual(expected.tally);
    } finally {
      await rm(dir, { recursive: true });
    }
  });
}
