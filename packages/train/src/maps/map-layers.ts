import { FerBenchError } from "@fer-bench/artifacts";
import { type Graph, type LayerKind, shapeOf } from "@fer-bench/models";

/** A layer whose output is looked at as pictures of height x width. */
export interface MapLayer {
  /** Its name in the graph. */
  layer: string;
  method: "Grad-CAM" | "LayerCAM";
  height: number;
  width: number;
  channels: number;
}

/** These show the layer before them again, in other pixels. */
const RESAMPLES: ReadonlySet<LayerKind> = new Set(["adaptiveAveragePool2d", "resize"] as const);

/** How many times finer the second layer is than the last, at least. */
const FINER = 3;

/**
 * The layers to look at: the last pictures before the network forgets places, by Grad-CAM; and where those are coarse,
 * the last pictures that are three times finer, by LayerCAM. Both are layers that everything passes through: no later
 * layer reads past them.
 *
 * @throws FerBenchError "bad-config" where the network convolves nothing
 */
export function mapLayers(graph: Graph): [MapLayer, ...MapLayer[]] {
  const order = new Map(graph.layers.map(({ name }, i) => [name, i]));
  const first = graph.layers.findIndex(({ kind }) => kind === "conv2d");
  /** The earliest layer that any later one reads. */
  const earliest = graph.layers.map(() => graph.layers.length);
  for (let i = graph.layers.length - 2; i >= 0; i--) {
    const read = graph.layers[i + 1]!.inputs.map((name) => order.get(name)!);
    earliest[i] = Math.min(earliest[i + 1]!, ...read);
  }
  const candidates = graph.layers
    .map(({ name, kind }, i) => ({ name, kind, i, shape: shapeOf(graph, name) }))
    .filter(({ kind, i, shape }) => {
      const isPassed = first >= 0 && i >= first && earliest[i]! >= i;
      return isPassed && shape.length === 3 && !RESAMPLES.has(kind);
    })
    .map(({ name, shape: [height, width, channels] }) => ({
      layer: name,
      height: height!,
      width: width!,
      channels: channels!,
    }))
    .filter(({ height, width }) => height * width > 1);
  const last = candidates.at(-1);
  if (last === undefined) {
    throw new FerBenchError("bad-config", `${graph.name} has no layer whose channels are pictures`, {
      field: "activationMaps",
      remedy: "set it to false: there are activation maps of networks that convolve alone",
    });
  }
  const finer = candidates.findLast(
    ({ height, width }) => height >= FINER * last.height && width >= FINER * last.width,
  );
  return [{ ...last, method: "Grad-CAM" }, ...(finer ? [{ ...finer, method: "LayerCAM" } as const] : [])];
}
