import { FerBenchError, parseConfig } from "@fer-bench/artifacts";
import { z } from "zod";
import { jsonOf } from "../weights/model-file.ts";
import { type ClassifierCard, classifierCardSchema } from "./classifier-card.ts";

/** What the metadata say under `format`. */
export const CLASSIFIER_FORMAT = "fer-bench-classifier";

/** Rises when files are no longer what an earlier release can read. */
export const CLASSIFIER_VERSION = 1;

const classesSchema = z.array(z.string().min(1)).min(2);

/**
 * What the metadata of a classifier's file say of it, whatever the file is.
 * @throws FerBenchError ("bad-config") where they are of another kind of file, of a newer version, or not as they should be
 */
export function readMetadata(
  metadata: Readonly<Record<string, string>>,
  file: string,
): { classes: string[]; card: ClassifierCard } {
  checkFormat(metadata, file);
  return {
    classes: parseConfig(classesSchema, jsonOf(metadata, "classes", file), `${file}#classes`),
    card: parseConfig(classifierCardSchema, jsonOf(metadata, "card", file), `${file}#card`),
  };
}

function checkFormat({ format, version }: Readonly<Record<string, string>>, file: string): void {
  if (format !== CLASSIFIER_FORMAT) {
    const found = format === undefined ? "weights without their configuration" : `a file of format ${format}`;
    throw new FerBenchError("bad-config", `this is ${found}, not a finished classifier`, {
      file,
      field: "format",
      remedy:
        "give a file that fer-bench export wrote; of a benchmark that has run: fer-bench export <benchmark>",
    });
  }
  if (version !== String(CLASSIFIER_VERSION)) {
    throw new FerBenchError(
      "bad-config",
      `classifier files of version ${version} are not known here, version ${CLASSIFIER_VERSION} is`,
      { file, field: "version", remedy: "update @fer-bench/models, or write the file with this version" },
    );
  }
}
