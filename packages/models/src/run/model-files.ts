import { type FileHandle, mkdir, open, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { abandonedPaths, FerBenchError, temporaryPath } from "@fer-bench/artifacts";
import { bytesOf, type SplitModel } from "../onnx/onnx-graph.ts";
import type { BatchRunner } from "./batch-runner.ts";

const FOLDER = "fer-bench-model";

/**
 * Starts sessions from a split model in a temporary folder. What they have mapped into memory stays there when the
 * files' names are gone, so the folder is removed at once.
 *
 * @throws FerBenchError "unavailable" where there is no room for it
 */
export async function startFromFiles(
  model: SplitModel,
  start: (path: string) => Promise<BatchRunner>,
): Promise<BatchRunner> {
  const folder = await makeFolder().catch(explain);
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    const path = join(folder, "model.onnx");
    await writeModel(model, folder, path).catch(explain);
    const runner = await start(path);
    return {
      ...runner,
      async close() {
        await runner.close();
        // Windows holds on to mapped files until now.
        await remove();
      },
    };
  } finally {
    await remove().catch(() => {});
  }
}

/** A new folder that only this user reads. Those that killed processes left go first: a model may be large. */
async function makeFolder(): Promise<string> {
  const parent = tmpdir();
  for (const abandoned of await abandonedPaths(parent, FOLDER)) {
    // Another user's is not ours to remove.
    await rm(abandoned, { recursive: true, force: true }).catch(() => {});
  }
  const folder = temporaryPath(parent, FOLDER);
  await mkdir(folder, { mode: 0o700 });
  return folder;
}

async function writeModel({ model, constantsFile, constants }: SplitModel, folder: string, path: string) {
  await writeFile(path, model);
  const file = await open(join(folder, constantsFile), "w");
  try {
    for (const { offset, values } of constants) await writeAll(file, bytesOf(values()), offset);
  } finally {
    await file.close();
  }
}

/** A disk that is nearly full takes a part without complaint, and refuses the rest. */
async function writeAll(file: FileHandle, bytes: Uint8Array, offset: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    done += (await file.write(bytes, done, bytes.length - done, offset + done)).bytesWritten;
  }
}

function explain(cause: NodeJS.ErrnoException): never {
  if (cause.syscall === undefined) throw cause;
  throw new FerBenchError("unavailable", `the network's weights cannot be put aside (${cause.code})`, {
    file: tmpdir(),
    remedy: "free space there, or set TMPDIR to a folder with room for them",
    cause,
  });
}
