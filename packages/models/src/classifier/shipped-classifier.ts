import { findPublished } from "@fer-bench/artifacts";
import { findBackbone } from "../backbones/registry.ts";
import { weightsStores } from "../weights/stores.ts";
import type { Classifier } from "./classifier.ts";
import { readClassifier } from "./classifier-file.ts";

/**
 * The whole classifier whose backbone this is, where its file comes with this package; undefined for any other backbone.
 * @throws FerBenchError ("bad-config") where no backbone has this name; what `readClassifier` finds wrong
 */
export async function shippedClassifier(backbone: string): Promise<Classifier | undefined> {
  const { weights } = findBackbone(backbone);
  if (weights.kind !== "file" || weights.published === undefined) return undefined;
  const found = await findPublished(weights.published, weightsStores({ offline: true }));
  return found?.from === "package" ? readClassifier(found.path) : undefined;
}
