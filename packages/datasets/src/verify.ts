import { compareExpected, type Found } from "./compare-expected.ts";
import { pixelSha256 } from "./pixels.ts";
import { type PrepareRequest, summarize } from "./prepare.ts";
import type { SampleRecord } from "./record.ts";

/** What a look through raw data found, and what to say of it. */
export interface Verified extends Found {
  readonly warnings: readonly string[];
}

/**
 * Reads every sample of the raw data and compares what it finds with the manifest, as prepare does, writing nothing.
 * Errors: `bad-data` where counts or checksums differ, or the raw data cannot be read.
 */
export async function verifyRaw(request: Omit<PrepareRequest, "dir">): Promise<Verified> {
  const { name, entry, manifestFile, dataset, options, rawDir, reads = {}, progress } = request;
  const raw = { rawDir, options, reads, progress };
  const task = progress.start(`verify ${name}`, undefined, "images");
  const rows: Pick<SampleRecord, "id" | "split" | "label" | "pixelSha256">[] = [];
  for await (const { id, split, label, image } of dataset.samples(raw)) {
    rows.push({ id, split, label, pixelSha256: pixelSha256(image) });
    task.update(rows.length);
  }
  task.end();
  const tally = (await dataset.inventory?.(raw))?.tally;
  const found = { ...summarize(rows, entry.classes), ...(tally && { tally }) };
  const imported = await dataset.imported?.(rawDir);
  const differences = compareExpected(name, entry, found, manifestFile, imported?.pixels);
  return { ...found, warnings: [...(imported?.warnings ?? []), ...differences] };
}
