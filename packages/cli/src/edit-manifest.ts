import { rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readJson } from "@fer-bench/artifacts";
import { readManifest } from "@fer-bench/datasets";
import type { Workspace } from "./workspace.ts";

/**
 * Changes the manifest's file, which is whole at any moment, and valid: its order stays, and what it leaves to defaults.
 * Errors: what `readManifest` finds wrong with it then; it stays as it was.
 */
export async function editManifest(
  { root, manifest: file }: Workspace,
  // biome-ignore lint/suspicious/noExplicitAny: it is the user's file as it stands, known fields or not
  change: (manifest: any) => void,
): Promise<void> {
  const manifest = await readJson(file);
  change(manifest);
  const temporary = join(root, `.datasets.manifest.${process.pid}.json`);
  try {
    await writeFile(temporary, `${JSON.stringify(manifest, undefined, 2)}\n`);
    await readManifest(temporary);
    await rename(temporary, file);
  } finally {
    await rm(temporary, { force: true });
  }
}
