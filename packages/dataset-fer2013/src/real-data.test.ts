import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { silent } from "@fer-bench/artifacts";
import { pixelSha256, readImportRecord, splitChecksum } from "@fer-bench/datasets";
import { beforeAll, describe, expect, test } from "vitest";
import { assignRows } from "./assign-rows.ts";
import { equalised, face, type SavedCopy, savedAsJpeg } from "./copies.test.helper.ts";
import { CLASSES, FER2013 } from "./facts.ts";
import { fer2013 } from "./fer2013.ts";
import { emptyFingerprints, enterFingerprint } from "./fingerprints.ts";
import type { Grey } from "./grey.ts";
import { jpegQuantisation, quantisationBound } from "./jpeg.ts";
import type { SourceImage } from "./source-image.ts";
import { fer2013Table } from "./table.ts";

const csv = process.env.FER_BENCH_FER2013;
const imported = fileURLToPath(new URL("../../../data/raw/fer2013", import.meta.url));
const record = await readImportRecord(imported, FER2013).catch(() => undefined);
const here = csv !== undefined || record?.pixels === "exact";

/** splitChecksum of the challenge's own rows. */
const CHECKSUMS = {
  train: "fc91f06a2794236ef1f945e3dffddc76099dddef64c64dfcb52ef66e041eccb2",
  validation: "42f9529748831cc0cac8c01c1430185cfbc3bd5f8039f7b05d599e6faa0c802d",
  test: "41fd75676ebc29f4fb547b44990cc72110a2445446630d3deb85aec8223dd5df",
};

if (!here) {
  const name = "FER-2013 itself (set FER_BENCH_FER2013 to fer2013.csv, or import it into data/raw/fer2013)";
  if (process.env.FER_BENCH_REQUIRE === "1") {
    test(name, () => expect.fail("FER_BENCH_REQUIRE=1, and FER-2013 is not there"));
  } else {
    test.skip(name, () => {});
  }
}

describe.runIf(here)("FER-2013 itself", () => {
  const faces: Uint8Array[] = [];
  const labels: string[] = [];

  beforeAll(async () => {
    const dir = await mkdtemp(join(tmpdir(), "fer-bench-real-"));
    try {
      const rawDir = csv === undefined ? imported : join(dir, "fer2013");
      if (csv) await fer2013.importRaw!({ source: csv, rawDir, options: {}, progress: silent });
      const rows: Record<string, { id: string; label: string; pixelSha256: string }[]> = {
        train: [],
        validation: [],
        test: [],
      };
      for await (const { id, split, label, image } of fer2013.samples({
        rawDir,
        options: {},
        progress: silent,
      })) {
        rows[split]!.push({ id, label, pixelSha256: pixelSha256(image) });
        faces.push(image.data);
        labels.push(label);
      }
      expect(
        Object.fromEntries(Object.entries(rows).map(([split, of]) => [split, splitChecksum(of)])),
      ).toEqual(CHECKSUMS);
    } finally {
      await rm(dir, { recursive: true });
    }
  }, 60_000);

  test.each<[string, readonly string[], (image: Grey) => Promise<SavedCopy>]>([
    ["JPEGs of quality 75 by their pixels", ["pixels"], (image) => savedAsJpeg(image, { quality: 75 })],
    [
      "equalised JPEGs by their looks, but for those that were even before",
      ["hash", "pixels"],
      (image) => savedAsJpeg(equalised(image), { quality: 90 }),
    ],
  ])("knows %s", async (_, ways, save) => {
    const table = await fer2013Table();
    const rows = faces.map((_, row) => row).filter((row) => row % 40 === 0);
    const prints = emptyFingerprints(rows.length);
    const images: SourceImage[] = [];
    for (const [i, row] of rows.entries()) {
      const { grey, jpeg } = await save(face(faces[row]!));
      enterFingerprint(prints, i, grey.data, pixelSha256({ ...grey, channels: 1 }));
      images.push({
        ...{ name: `${row}`, hint: undefined, coloured: false, standardTables: true, unevenness: 1 },
        label: (CLASSES as readonly string[]).indexOf(labels[row]!),
        width: grey.width,
        height: grey.height,
        bound: quantisationBound(jpegQuantisation(jpeg!)!),
      });
    }
    const found = assignRows(images, prints, table);
    const right = rows.filter((row, i) => {
      const given = found.row[i]!;
      return given >= 0 && Buffer.from(faces[given]!).equals(faces[row]!);
    });
    expect(right.length / rows.length).toBeGreaterThan(0.985);
    expect(
      found.by.filter((by) => by !== undefined && ways.includes(by)).length / rows.length,
    ).toBeGreaterThan(0.985);
  });
});
