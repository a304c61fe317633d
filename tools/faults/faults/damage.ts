import { readFile, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Random, randomInt } from "@fer-bench/artifacts";
import type { Fault, Trial } from "../fault.ts";
import { startToMoment } from "../moments.ts";
import { filesOfArtifact } from "../small-workspaces.ts";
import { startStage } from "../stage-process.ts";

const needsOthers: Fault["concerns"] = ({ before }) => before.length > 0;

/** One byte of an artifact that the stage may read is another. */
export const flippedByte = damage("flip", "a byte flipped in an earlier artifact", async (file, random) => {
  const bytes = await readFile(file);
  if (bytes.length === 0) return "it is empty";
  const at = randomInt(random, bytes.length);
  bytes[at]! ^= 1 + randomInt(random, 255);
  await writeFile(file, bytes);
  return `byte ${at} changed`;
});

/** An artifact's file ends early. */
export const cutFile = damage("cut", "a file of an earlier artifact cut off", async (file, random) => {
  const { length } = await readFile(file);
  const left = randomInt(random, Math.max(1, length));
  await truncate(file, left);
  return `cut off at byte ${left} of ${length}`;
});

/** An artifact's file is not there. */
export const missingFile = damage("missing", "a file of an earlier artifact missing", async (file) => {
  await rm(file);
  return "removed";
});

/** An artifact's file, or the whole artifact, goes while the stage runs. */
export const vanishedFile: Fault = {
  name: "vanish",
  title: "a file of an earlier artifact vanishes meanwhile",
  concerns: needsOthers,
  async inject(trial) {
    const { root } = trial.workspace;
    const { folder, file } = await drawFile(trial);
    const path = trial.random.next() < 0.2 ? folder : file;
    const { how, started } = await startToMoment(trial);
    await rm(join(root, path), { recursive: true, force: true });
    const ending = await started.ended;
    await trial.workspace.restore(path);
    return { how: `${path} removed ${how}`, endings: [ending] };
  },
};

function damage(name: string, title: string, harm: (file: string, random: Random) => Promise<string>): Fault {
  return {
    name,
    title,
    concerns: needsOthers,
    async inject(trial) {
      const { stage, workspace, random } = trial;
      const { file } = await drawFile(trial);
      const what = await harm(join(workspace.root, file), random);
      const ending = await startStage(stage, workspace).ended;
      await workspace.restore(file);
      return { how: `${file}: ${what}`, endings: [ending] };
    },
  };
}

/** A file of one of the artifacts that stand before the stage; each artifact as probable as another. */
async function drawFile({ stage, workspace, random }: Trial): Promise<{ folder: string; file: string }> {
  const folder = stage.before[randomInt(random, stage.before.length)]!;
  const files = await filesOfArtifact(workspace.root, folder);
  return { folder, file: files[randomInt(random, files.length)]! };
}
