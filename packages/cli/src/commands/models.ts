import { findPublished } from "@fer-bench/artifacts";
import {
  type BackboneEntry,
  countFlops,
  countParameters,
  findBackbone,
  listBackbones,
  outputShape,
  parametersOf,
  shapeOf,
  weightsStores,
} from "@fer-bench/models";
import type { CommandContext } from "../context.ts";

/** Pictures to count parameters with, where the architecture has no size of its own. */
const ANY_SIZE = 48;
const IMAGENET_CLASSES = 1000;

/** Lists the backbones, their parameters, and where their weights come from. */
export async function listModels(context: CommandContext): Promise<void> {
  const { json, print } = context;
  const rows = [];
  for (const entry of listBackbones()) {
    rows.push({
      name: entry.name,
      title: entry.title,
      note: entry.note ?? null,
      parameters: parameterCounts(entry),
      weights: await describeWeights(context, entry),
    });
  }
  if (json) {
    print(JSON.stringify(rows, undefined, 2));
    return;
  }
  const width = Math.max(...rows.map(({ name }) => name.length));
  for (const { name, parameters, weights } of rows) {
    const counts = [parameters.withoutTop, parameters.withTop].map((count) => grouped(count).padStart(12));
    print(`${name.padEnd(width)} ${counts.join(" ")}  ${weights.state}`);
  }
  print(
    `${"".padEnd(width)} ${"without top".padStart(12)} ${"with top".padStart(12)}  parameters; top: 1,000 classes`,
  );
}

/** The top is the architecture's own classifier, of ImageNet's classes or its own; null where it adds nothing. */
function parameterCounts({ graph, ownSize = ANY_SIZE, classes }: BackboneEntry) {
  const input = { height: ownSize, width: ownSize, channels: 1 } as const;
  const withoutTop = countParameters(graph(input));
  const withTop = countParameters(graph(input, { classes: classes?.length ?? IMAGENET_CLASSES }));
  return { withoutTop, withTop: withTop === withoutTop ? null : withTop };
}

async function describeWeights({ offline }: CommandContext, { weights }: BackboneEntry) {
  if (weights.kind === "none") return { kind: "none", state: "no weights" };
  if (weights.kind === "random") return { kind: "random", state: "drawn from the seed" };
  const { published, howToGet = null, layout } = weights;
  const file = { kind: "file", framework: layout.framework, howToGet };
  if (published === undefined) return { ...file, state: "a file that you name" };
  const found = await findPublished(published, weightsStores({ offline }));
  const absent = published.urls.length > 0 ? "to be downloaded" : `to be put here: ${published.name}`;
  return {
    ...file,
    published,
    path: found?.path ?? null,
    state: found === undefined ? absent : `here (${found.from})`,
  };
}

/** Describes one backbone: its layers with their shapes and parameters, and what it costs. */
export async function describeModel(
  context: CommandContext,
  name: string,
  { size: [height, width], grey }: { size: [number, number]; grey: boolean },
): Promise<void> {
  const { json, print } = context;
  const entry = findBackbone(name);
  const graph = entry.graph({ height, width, channels: grey ? 1 : 3 });
  const ofLayer = new Map<string, number>();
  for (const { layer, shape } of parametersOf(graph)) {
    ofLayer.set(layer, (ofLayer.get(layer) ?? 0) + shape.reduce((product, extent) => product * extent, 1));
  }
  const info = {
    name,
    title: entry.title,
    note: entry.note ?? null,
    ownSize: entry.ownSize ?? null,
    input: [height, width, grey ? 1 : 3],
    features: outputShape(graph),
    parameters: parameterCounts(entry),
    mflops: Math.round(countFlops(graph) / 1e4) / 100,
    weights: await describeWeights(context, entry),
    layers: graph.layers.map((layer) => ({
      name: layer.name,
      kind: layer.kind,
      shape: shapeOf(graph, layer.name),
      parameters: ofLayer.get(layer.name) ?? 0,
    })),
  };
  if (json) {
    print(JSON.stringify(info, undefined, 2));
    return;
  }
  for (const line of describeLayers(info.layers)) print(line);
  print("");
  print(`${name}: ${info.title}`);
  if (info.note !== null) print(`  ${info.note}`);
  print(`  pictures    ${info.input.join(" x ")}${entry.ownSize ? `, made for ${entry.ownSize}` : ""}`);
  print(`  features    ${info.features.join(" x ")}`);
  print(
    `  parameters  ${grouped(info.parameters.withoutTop)}; with the top ${grouped(info.parameters.withTop)}`,
  );
  print(
    `  cost        ${grouped(info.mflops)} MFLOP a picture, in convolutions and dense layers, two a multiply-add`,
  );
  print(`  weights     ${info.weights.state}`);
}

function describeLayers(
  layers: readonly { name: string; kind: string; shape: readonly number[]; parameters: number }[],
): string[] {
  const width = Math.max(...layers.map(({ name }) => name.length));
  return layers.map(
    ({ name, kind, shape, parameters }) =>
      `${name.padEnd(width)}  ${kind.padEnd(18)} ${shape.join(" x ").padEnd(18)} ${parameters === 0 ? "" : grouped(parameters).padStart(11)}`,
  );
}

function grouped(value: number | null): string {
  return value === null ? "—" : value.toLocaleString("en");
}
