import { stat } from "node:fs/promises";
import { basename } from "node:path";
import {
  FerBenchError,
  obtainPublished,
  type PublishedFile,
  problemWith,
  sha256File,
} from "@fer-bench/artifacts";
import type { Graph } from "../graph/graph.ts";
import { applyLayout, compareWithFile } from "../weights/apply-layout.ts";
import type { WeightsLayout } from "../weights/layout.ts";
import { weightsStores } from "../weights/stores.ts";
import { openTensorFile, type TensorFile } from "../weights/tensor-file.ts";
import { randomWeights } from "../weights/weights.ts";
import type {
  Backbone,
  BackboneDeclaration,
  BackboneOptions,
  WeightsFile,
  WeightsFileOrigin,
} from "./backbone.ts";

/**
 * What `create` of every registered backbone does. `known` are the registered ones, among which a file of another
 * backbone finds its own.
 */
export async function createBackbone(
  declaration: BackboneDeclaration,
  options: BackboneOptions,
  known: () => readonly BackboneDeclaration[],
): Promise<Backbone> {
  const { name, weights: origin, note } = declaration;
  if (origin.kind === "file") return loadBackbone(declaration, origin, options, known);
  if (options.weightsFile !== undefined) {
    throw new FerBenchError("bad-config", `${name} takes no file of weights`, {
      file: options.weightsFile,
      field: "weights",
      remedy: "leave the file out, or name a backbone that is read from one",
    });
  }
  const graph = declaration.graph(options.input);
  if (origin.kind === "none") return { graph, weights: new Map(), needsCalibration: false, note };
  const needsCalibration = graph.layers.some(({ kind }) => kind === "batchNorm");
  return { graph, weights: randomWeights(graph, options.seed), needsCalibration, note };
}

async function loadBackbone(
  declaration: BackboneDeclaration,
  { layout, published, howToGet }: WeightsFileOrigin,
  options: BackboneOptions,
  known: () => readonly BackboneDeclaration[],
): Promise<Backbone> {
  const { name } = declaration;
  const graph = declaration.graph(options.input);
  const path = options.weightsFile ?? (await obtain(name, published, howToGet, options));
  const file = await openTensorFile(path);
  try {
    if (!fits(graph, file, layout)) checkOtherBackbones(name, file, known());
    const { weights, ignored } = await applyLayout(graph, file, layout);
    if (ignored.length > 0) options.progress?.note(`${path}: no use for ${summarize(ignored)}`);
    const weightsFile = await describeFile(path, layout, published);
    const note = [declaration.note, sayWhichFile(weightsFile, published)].filter(Boolean).join(" ");
    return { graph, weights, needsCalibration: false, weightsFile, ...(note !== "" && { note }) };
  } finally {
    await file.close();
  }
}

function fits(graph: Graph, file: TensorFile, layout: WeightsLayout): boolean {
  return compareWithFile(graph, file, layout).problems.length === 0;
}

/** Throws a FerBenchError ("bad-config") that names the backbones which the file holds, where it holds any. */
function checkOtherBackbones(name: string, file: TensorFile, known: readonly BackboneDeclaration[]): void {
  const names = known
    .filter(({ weights, graph, ownSize = 224 }) => {
      if (weights.kind !== "file") return false;
      // Grey pictures: every backbone reads them, and most repeat the channel.
      return fits(graph({ height: ownSize, width: ownSize, channels: 1 }), file, weights.layout);
    })
    .map((other) => other.name);
  if (names.length === 0) return;
  throw new FerBenchError("bad-config", `this file is not for ${name} but for ${names.join(" or ")}`, {
    file: file.path,
    field: "weights",
    remedy: `name ${names[0]} as the backbone, or give a file for ${name}`,
  });
}

/** A number that rests on weights which only the user knows says so. */
function sayWhichFile(
  { name, sha256, published: isPublished }: WeightsFile,
  published: PublishedFile | undefined,
): string | undefined {
  if (isPublished) return undefined;
  const file = `The weights are those of the user's file ${name} (sha256 ${sha256.slice(0, 8)})`;
  return published === undefined ? `${file}.` : `${file}, not of the published ${published.name}.`;
}

/** The first names, and how many there are more. */
function summarize(names: readonly string[]): string {
  const shown = names.slice(0, 4).join(", ");
  return names.length > 4 ? `${shown} and ${names.length - 4} more` : shown;
}

const HOW_TO_NAME = `name it with --weights FILE or as the benchmark's "weights"`;

async function obtain(
  name: string,
  published: PublishedFile | undefined,
  howToGet: string | undefined,
  { stores = weightsStores(), progress }: BackboneOptions,
): Promise<string> {
  if (published === undefined) {
    throw new FerBenchError("missing", `${name} is made from a file of weights that you name`, {
      field: "weights",
      remedy: `${HOW_TO_NAME}; to have one, ${howToGet}`,
    });
  }
  return (
    await obtainPublished(published, stores, {
      ...(progress && { progress }),
      howToGet,
      alternative: `or ${HOW_TO_NAME}`,
    })
  ).path;
}

async function describeFile(
  path: string,
  { framework }: WeightsLayout,
  published: PublishedFile | undefined,
): Promise<WeightsFile> {
  const { size } = await stat(path);
  return {
    name: basename(path),
    bytes: size,
    sha256: await sha256File(path),
    framework,
    published: published !== undefined && (await problemWith(published, path)) === undefined,
  };
}
