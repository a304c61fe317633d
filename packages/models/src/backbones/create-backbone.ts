import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { FerBenchError, sha256File } from "@fer-bench/artifacts";
import type { Graph } from "../graph/graph.ts";
import { applyLayout } from "../weights/apply-layout.ts";
import { openTensorFile } from "../weights/tensor-file.ts";
import { randomWeights } from "../weights/weights.ts";
import type { Backbone, BackboneDeclaration, BackboneOptions, WeightsFileOrigin } from "./backbone.ts";

/** What `create` of every registered backbone does. */
export async function createBackbone(
  declaration: BackboneDeclaration,
  options: BackboneOptions,
): Promise<Backbone> {
  const { name, weights: origin } = declaration;
  const graph = declaration.graph(options.input);
  if (origin.kind === "file") return loadBackbone(declaration, origin, graph, options);
  if (options.weightsFile !== undefined) {
    throw new FerBenchError("bad-config", `${name} takes no file of weights`, {
      file: options.weightsFile,
      field: "weights",
      remedy: "leave the file out, or name a backbone that is read from one",
    });
  }
  return origin.kind === "random"
    ? { graph, weights: randomWeights(graph, options.seed), needsCalibration: hasBatchNorms(graph) }
    : { graph, weights: new Map(), needsCalibration: false };
}

function hasBatchNorms(graph: Graph): boolean {
  return graph.layers.some(({ kind }) => kind === "batchNorm");
}

async function loadBackbone(
  { name }: BackboneDeclaration,
  { layout, howToGet }: WeightsFileOrigin,
  graph: Graph,
  { weightsFile, progress }: BackboneOptions,
): Promise<Backbone> {
  if (weightsFile === undefined) {
    throw new FerBenchError("missing", `${name} needs a file of weights`, { remedy: howToGet });
  }
  const file = await openTensorFile(weightsFile);
  try {
    const { weights, ignored } = await applyLayout(graph, file, layout);
    if (ignored.length > 0) progress?.note(`${weightsFile}: not used: ${ignored.join(", ")}`);
    return {
      graph,
      weights,
      needsCalibration: false,
      weightsFile: {
        name: basename(weightsFile),
        bytes: (await stat(weightsFile)).size,
        sha256: await sha256File(weightsFile),
        framework: layout.framework,
        published: false,
      },
    };
  } finally {
    await file.close();
  }
}
