import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createRandom, randomInt, runStage, writeNpy, writeParquet } from "@fer-bench/artifacts";

export interface DatasetSpec {
  name: string;
  classes: string[];
  /** Labels of the samples; a picture is brighter where its class stands later in the alphabet. */
  labels: string[];
  channels: 1 | 3;
  size: number;
  perSplit: Record<"train" | "validation" | "test", number>;
  /** Votes of annotators on a sample of a label; none where absent. */
  votes?: (label: string) => number[];
  /** Which pictures occur more than once, by record; none where absent. */
  repeats?: (index: number) => { pixelSha256?: string; repeatGroup?: number };
  /** Who is to be seen on each; nobody says where absent. */
  subject?: (index: number) => string;
}

/** Finished prepare and preprocess stages as those packages leave them, as far as training reads them. */
export async function makeDataset(
  root: string,
  { name, classes, labels, channels, size, perSplit, votes, repeats, subject }: DatasetSpec,
): Promise<{ prepareDir: string; preprocessDir: string }> {
  const prepareDir = join(root, name, "prepare");
  const preprocessDir = join(root, name, "preprocess");
  const splits = Object.entries(perSplit).flatMap(([split, count]) => Array<string>(count).fill(split));
  const random = createRandom("stages.test", name);
  const rows = splits.map((split, index) => ({
    index,
    id: `${name}-${index}`,
    split,
    label: labels[index % labels.length]!,
    roll: 0.5,
    ...(votes && { votes: votes(labels[index % labels.length]!) }),
    ...repeats?.(index),
    ...(subject && { subject: subject(index) }),
  }));
  await runStage({ stage: "prepare", dir: prepareDir, config: {} }, async (out) => {
    await writeFile(join(out, "dataset.json"), JSON.stringify(datasetJson(name, classes)));
    await writeParquet(
      join(out, "records.parquet"),
      [
        { name: "id", type: "string" },
        { name: "pixelSha256", type: "string" },
        { name: "repeatGroup", type: "int32", nullable: true },
        { name: "subject", type: "string", nullable: true },
      ],
      rows.map((row) => ({ pixelSha256: row.id, ...row })),
    );
  });
  await runStage({ stage: "preprocess", dir: preprocessDir, config: {} }, async (out) => {
    const area = size * size * channels;
    const faces = new Uint8Array(rows.length * area);
    rows.forEach(({ label }, i) => {
      const level = 40 + 50 * [...labels].sort().indexOf(label);
      for (let p = 0; p < area; p++) faces[i * area + p] = level + randomInt(random, 60);
    });
    const summary = { size, channels, count: rows.length, face: { kind: "whole" }, found: {}, pixels: {} };
    await writeFile(join(out, "preprocess.json"), JSON.stringify(summary));
    await writeNpy(join(out, "faces.npy"), faces, [rows.length, size, size, channels]);
    await writeParquet(
      join(out, "faces.parquet"),
      [
        { name: "index", type: "int32" },
        { name: "id", type: "string" },
        { name: "split", type: "string" },
        { name: "label", type: "string" },
        { name: "roll", type: "float" },
        { name: "votes", type: "ints", nullable: true },
      ],
      rows,
    );
  });
  return { prepareDir, preprocessDir };
}

function datasetJson(name: string, classes: string[]) {
  const licence = { name: "For research alone", redistributable: false };
  return { name, title: `The set ${name}`, licence, citation: "Made for a test.", classes, counts: {} };
}
