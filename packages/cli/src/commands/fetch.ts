import { describePublished, FerBenchError, obtainPublished, sha256File } from "@fer-bench/artifacts";
import { findBackbone, weightsStores } from "@fer-bench/models";
import { findPublishedLandmarks, landmarksStores, obtainLandmarks } from "@fer-bench/preprocess";
import type { CommandContext } from "../context.ts";

/** Brings published files here, each checked: weights of backbones, and dlib's landmarks. */
export async function fetchModels(
  context: CommandContext,
  names: readonly string[],
  { acceptLicence }: { acceptLicence: boolean },
): Promise<void> {
  const { json, print } = context;
  const rows = [];
  for (const name of names) {
    const { path, from, about } = isLandmarks(name)
      ? await fetchLandmarks(context, name, acceptLicence)
      : await fetchWeights(context, name);
    rows.push({ name, path, from, sha256: await sha256File(path) });
    if (!json) print(`${name}: ${about}\n  ${from}: ${path}`);
  }
  if (json) print(JSON.stringify(rows, undefined, 2));
}

/** Backbones are named `network.weights`. */
function isLandmarks(name: string): boolean {
  return name.startsWith("dlib-");
}

async function fetchWeights({ offline, progress }: CommandContext, name: string) {
  const { weights } = findBackbone(name);
  if (weights.kind !== "file" || weights.published === undefined) {
    throw new FerBenchError("bad-config", `there is nothing to fetch for ${name}`, {
      field: "names",
      remedy: weights.kind === "file" ? (weights.howToGet ?? "name a file with --weights") : "leave it out",
    });
  }
  const { published, howToGet } = weights;
  const stored = await obtainPublished(published, weightsStores({ offline }), { progress, howToGet });
  return { ...stored, about: describePublished(published) };
}

async function fetchLandmarks({ offline, progress }: CommandContext, name: string, acceptLicence: boolean) {
  const landmarks = findPublishedLandmarks(name);
  const stored = await obtainLandmarks(landmarks, landmarksStores({ offline }), { progress, acceptLicence });
  return {
    ...stored,
    about: `${describePublished(landmarks.file)}\n  ${landmarks.licence.replaceAll("\n", " ")}`,
  };
}
