import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { FerBenchError, type Progress, readParquet, stableStringify } from "@fer-bench/artifacts";
import { decodeImage, openSource, type RawSample, type Split } from "@fer-bench/datasets";
import type { SampleRow } from "./encode-sample.ts";
import { IMAGES_FILE, OPTIONS_FILE, SAMPLES_FILE } from "./generate.ts";
import type { SyntheticOptions } from "./options.ts";

export interface SamplesRequest {
  readonly rawDir: string;
  readonly options: SyntheticOptions;
  readonly progress: Progress;
}

const REMEDY = "generate the data set again";

/**
 * The pictures of a generated set in record order, one at a time. Errors: `missing` where nothing was
 * generated, `bad-data` where it was made with other options or archive and table do not belong together.
 */
export async function* samples({ rawDir, options }: SamplesRequest): AsyncGenerator<RawSample> {
  await checkOptions(rawDir, options);
  const archive = join(rawDir, IMAGES_FILE);
  const rows = await readParquet<SampleRow>(join(rawDir, SAMPLES_FILE));
  let next = 0;
  for await (const entry of openSource(archive, { entries: rows.length + 1 })) {
    const row = rows[next++];
    if (row?.path !== entry.name) {
      throw new FerBenchError("bad-data", `picture ${next} is not the one that ${SAMPLES_FILE} lists`, {
        file: archive,
        field: entry.name,
        remedy: REMEDY,
      });
    }
    yield {
      id: row.id,
      split: row.split as Split,
      label: row.label,
      subject: row.subject,
      path: row.path,
      image: await decodeImage(await entry.bytes(), `${archive}#${entry.name}`),
      box: { left: row.boxLeft, top: row.boxTop, width: row.boxWidth, height: row.boxHeight },
      landmarks: Float32Array.from(row.landmarks),
    };
  }
  if (next < rows.length) {
    throw new FerBenchError("bad-data", `it has ${next} of ${rows.length} pictures`, {
      file: archive,
      remedy: REMEDY,
    });
  }
}

async function checkOptions(rawDir: string, options: SyntheticOptions): Promise<void> {
  const file = join(rawDir, OPTIONS_FILE);
  const found = await readFile(file, "utf8").catch((cause) => {
    throw new FerBenchError("missing", "the rendered data set is not there", {
      file,
      remedy: "generate it",
      cause,
    });
  });
  if (found.trim() !== stableStringify(options)) {
    throw new FerBenchError("bad-data", "the rendered data set was made with other options", {
      file,
      remedy: REMEDY,
    });
  }
}
