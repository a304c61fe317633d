import { existsSync } from "node:fs";
import { appendFile, mkdir, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { FerBenchError, parseConfig } from "@fer-bench/artifacts";
import { z } from "zod";

/** A line of runs/nightly.jsonl, to which lines are only added. */
const nightSchema = z.object({
  /** ISO 8601 */
  at: z.string(),
  commit: z.string().nullable(),
  /** Whether nothing got worse; the next night is compared with the last that was. */
  green: z.boolean(),
  /** The kept run of each benchmark and cell, by its hash. */
  runs: z.record(z.string(), z.string()),
  speed: z.object({ what: z.string(), cpu: z.string(), shares: z.array(z.number()) }).optional(),
  summary: z.array(z.string()),
});

export type Night = z.output<typeof nightSchema>;

/** All nights, oldest first. */
export async function readNights(file: string): Promise<Night[]> {
  if (!existsSync(file)) return [];
  const lines = (await readFile(file, "utf8")).split("\n").filter((line) => line.trim() !== "");
  return lines.map((line, i) => {
    try {
      return parseConfig(nightSchema, JSON.parse(line), file);
    } catch (cause) {
      throw new FerBenchError("bad-artifact", "a line of the nights is none", {
        file,
        field: `line ${i + 1}`,
        remedy: "take the line out",
        cause,
      });
    }
  });
}

export async function addNight(file: string, night: Night): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await appendFile(file, `${JSON.stringify(night)}\n`);
}
