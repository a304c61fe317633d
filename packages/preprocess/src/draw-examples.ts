import { join } from "node:path";
import { openNpy } from "@fer-bench/artifacts";
import type { PixelImage } from "@fer-bench/datasets";
import { chooseExamples } from "./choose-examples.ts";
import { drawContactSheet } from "./contact-sheet.ts";
import type { PreprocessSummary } from "./preprocess-stage.ts";
import type { SourceGroup } from "./source-examples.ts";

const EXAMPLES_PER_CLASS = 12;

export interface ExamplesRequest {
  /** The folder of `faces.npy`. */
  readonly out: string;
  readonly title: string;
  readonly classes: readonly string[];
  /** Label of each chip. */
  readonly labels: readonly string[];
  /** Pictures in which faces were searched for. */
  readonly sources: readonly SourceGroup[] | undefined;
  readonly summary: PreprocessSummary;
}

/** The stage's contact sheet, a PNG. */
export async function drawExamples(request: ExamplesRequest): Promise<Buffer> {
  const { out, title, classes, labels, sources, summary } = request;
  const { size, channels, count, found } = summary;
  const faces = await openNpy(join(out, "faces.npy"));
  const readChip = async (index: number): Promise<PixelImage> => {
    const data = (await faces.readRows(index, 1)) as Uint8Array;
    return { width: size, height: size, channels, data };
  };
  try {
    const rows = [];
    for (const { label, count, indices } of chooseExamples(labels, classes, EXAMPLES_PER_CLASS)) {
      const chips = [];
      for (const index of indices) chips.push(await readChip(index));
      rows.push({ label, count, chips });
    }
    const ways = Object.entries(found).map(([way, faces]) => `${way} ${faces.toLocaleString("en-US")}`);
    return await drawContactSheet({
      title,
      subtitle: `${count.toLocaleString("en-US")} face chips, ${size}x${size} ${channels === 1 ? "grey" : "RGB"} · found: ${ways.join(", ")}`,
      ...(sources && { sources }),
      rows,
      columns: EXAMPLES_PER_CLASS,
      size,
    });
  } finally {
    await faces.close();
  }
}
