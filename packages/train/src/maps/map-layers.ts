import { FerBenchError } from "@fer-bench/artifacts";
import { type Graph, type Layer, type LayerKind, shapeOf } from "@fer-bench/models";

/** A layer whose output is looked at as pictures of height x width. */
export interface MapLayer {
  /** Its name in the graph. */
  layer: string;
  method: "Grad-CAM" | "LayerCAM";
  height: number;
  width: number;
  channels: number;
  /**
   * Side in input pixels of what one of its pixels can see, which may be more than the picture has; squeeze-excite, which
   * sees everything, not counted.
   */
  receptiveField: number;
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
  const fields = receptiveFields(graph);
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
      receptiveField: fields.get(name)!.side,
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

/**
 * Of each layer: with `step` input pixels from one of its pixels to the next, a kernel of k makes a field wider by
 * (k - 1) steps. Where layers meet, the wider field counts.
 */
function receptiveFields(graph: Graph): Map<string, { side: number; step: number }> {
  const fields = new Map<string, { side: number; step: number }>();
  for (const layer of graph.layers) {
    const inputs = (layer.kind === "multiply" ? layer.inputs.slice(0, 1) : layer.inputs).map(
      (name) => fields.get(name)!,
    );
    const before = {
      side: Math.max(1, ...inputs.map(({ side }) => side)),
      step: Math.max(1, ...inputs.map(({ step }) => step)),
    };
    const [kernel, stride] = windowOf(layer);
    fields.set(layer.name, { side: before.side + (kernel - 1) * before.step, step: before.step * stride });
  }
  return fields;
}

/** Extent of the pixels that one pixel reads, and how far those of neighbours are apart. */
function windowOf(layer: Layer): [kernel: number, stride: number] {
  if (layer.kind === "conv2d" || layer.kind === "depthwiseConv2d") {
    return [Math.max(...layer.kernel), Math.max(...layer.strides)];
  }
  return layer.kind === "maxPool2d" ? [Math.max(...layer.window), Math.max(...layer.strides)] : [1, 1];
}
