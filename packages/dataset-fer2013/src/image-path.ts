import { FerBenchError } from "@fer-bench/artifacts";
import { CLASS_FOLDERS_HELP, classOfFolder } from "./class-names.ts";
import type { Usage } from "./facts.ts";

/** What an image's name says of its usage: one of the three, only that it is a test image, or nothing. */
export type UsageHint = Usage | "test" | undefined;

const FOLDERS: Readonly<Record<string, UsageHint>> = {
  train: "Training",
  training: "Training",
  validation: "PublicTest",
  valid: "PublicTest",
  val: "PublicTest",
  publictest: "PublicTest",
  privatetest: "PrivateTest",
  test: "test",
  testing: "test",
};

/**
 * Class and usage of `.../<train|test|...>/<class>/<name>`; the names `Training_*`, `PublicTest_*` and
 * `PrivateTest_*` tell more than the folder. An unknown class is a FerBenchError naming source and entry.
 */
export function readImagePath(path: string, source: string): { label: number; hint: UsageHint } {
  const parts = path.split("/");
  const name = parts.pop()!;
  const folder = parts.pop();
  const label = folder === undefined ? undefined : classOfFolder(folder);
  if (label === undefined) {
    throw new FerBenchError(
      "bad-data",
      folder === undefined ? "an image outside any class folder" : `unknown class folder "${folder}"`,
      {
        file: source,
        field: path,
        remedy: `Lay the images out as train|test/<class>/<image>; ${CLASS_FOLDERS_HELP}.`,
      },
    );
  }
  const prefix = /^(Training|PublicTest|PrivateTest)_/.exec(name)?.[1] as Usage | undefined;
  return { label, hint: prefix ?? hintOfFolders(parts) };
}

/** The innermost folder that names a split. */
function hintOfFolders(folders: readonly string[]): UsageHint {
  const named = folders.findLast((folder) => folder.toLowerCase() in FOLDERS);
  return named === undefined ? undefined : FOLDERS[named.toLowerCase()];
}
