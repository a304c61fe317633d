import { join } from "node:path";
import type { AttentionRow } from "./attention-table.ts";
import { type ActivationMaps, eachMap, type MapLayer } from "./read-activation-maps.ts";
import type { Prediction } from "./read-evaluation.ts";

export type LayerFiles = ActivationMaps["targets"][number]["files"];

/** What is read of one layer's maps. */
export interface LayerMaps {
  layer: MapLayer;
  /** Of the samples asked for, by their place: the evidence for the answer, and for the class that they have. */
  predicted: ReadonlyMap<number, Float32Array>;
  label: ReadonlyMap<number, Float32Array>;
  /** The mean map of each class's right answers, every picture counting alike; undefined where there is none. */
  means: readonly (Float32Array | undefined)[];
  thirds: readonly AttentionRow[];
}

/** Reads a layer's maps through, and keeps those of the samples at these places. */
export async function readLayerMaps(
  dir: string,
  { layer, files }: { layer: MapLayer; files: LayerFiles[number] },
  {
    predictions,
    classes,
    places,
  }: {
    predictions: readonly Prediction[];
    classes: readonly string[];
    places: ReadonlySet<number>;
  },
): Promise<LayerMaps> {
  const [predicted, label] = [new Map<number, Float32Array>(), new Map<number, Float32Array>()];
  const sums = classes.map(() => ({ right: emptySum(layer), wrong: emptySum(layer) }));
  await eachMap(join(dir, files.predicted), (map, place) => {
    if (places.has(place)) predicted.set(place, map.slice());
    const { label: truth, predicted: answer } = predictions[place]!;
    add(sums[truth]![truth === answer ? "right" : "wrong"], map);
  });
  await eachMap(join(dir, files.label), (map, place) => {
    if (places.has(place)) label.set(place, map.slice());
  });
  return {
    layer,
    predicted,
    label,
    means: sums.map(({ right }) => (right.n > 0 ? right.map.map((value) => value / right.n) : undefined)),
    thirds: classes.flatMap((name, c) =>
      (["right", "wrong"] as const).flatMap((answers) => {
        const sum = sums[c]![answers];
        return sum.n > 0 ? { class: name, answers, n: sum.n, thirds: thirdsOf(sum, layer) } : [];
      }),
    ),
  };
}

interface MapSum {
  n: number;
  map: Float32Array;
}

function emptySum({ height, width }: MapLayer): MapSum {
  return { n: 0, map: new Float32Array(height * width) };
}

/** Adds a map as shares of its evidence; one without any counts for nothing. */
function add(sum: MapSum, map: Float32Array): void {
  const total = map.reduce((all, value) => all + value, 0);
  if (!(total > 0)) return;
  sum.n++;
  map.forEach((value, i) => {
    sum.map[i]! += value / total;
  });
}

/** Shares by the third of the picture that the middle of each row lies in. */
function thirdsOf({ n, map }: MapSum, { height, width }: MapLayer): [number, number, number] {
  const thirds: [number, number, number] = [0, 0, 0];
  map.forEach((value, i) => {
    const row = Math.floor(i / width);
    thirds[Math.floor((3 * (row + 0.5)) / height)]! += value / n;
  });
  return thirds;
}
