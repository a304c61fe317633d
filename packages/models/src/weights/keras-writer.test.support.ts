import type { Dtype, Group } from "h5wasm";
import h5wasm from "h5wasm/node";
import type { Graph } from "../graph/graph.ts";
import { parametersOf } from "../graph/parameters.ts";
import type { Weights } from "./weights.ts";

/**
 * Writes weights as Keras's `save_weights` does (tools/fixtures/keras_hdf5.py has looked at such a file): layers
 * without weights are listed, too, lists of names are texts of one length, and the counter of the Normalization layer
 * is a whole number.
 */
export async function writeKerasFile(path: string, graph: Graph, weights: Weights): Promise<void> {
  await h5wasm.ready;
  const file = new h5wasm.File(path, "w");
  const layers = graph.layers.map(({ name }) => name);
  setNames(file, "layer_names", layers);
  file.create_attribute("backend", "tensorflow", [], `S${"tensorflow".length}`);
  file.create_attribute("keras_version", "2.4.0", [], "S5");
  const parameters = parametersOf(graph);
  for (const layer of layers) {
    const group = file.create_group(layer);
    const own = parameters.filter((parameter) => parameter.layer === layer);
    setNames(
      group,
      "weight_names",
      own.map(({ name }) => `${name}:0`),
    );
    if (own.length === 0) continue;
    group.create_group(layer);
    for (const { name, shape } of own) {
      const { data } = weights.get(name)!;
      const isCounter = name.endsWith("/count");
      group.create_dataset({
        name: `${name}:0`,
        data: isCounter ? BigInt64Array.from(data, BigInt) : data,
        shape: [...shape],
        dtype: isCounter ? "<q" : "<f",
      });
    }
  }
  file.close();
}

/** Opens a file to damage it, and closes it. */
export async function editHdf5(path: string, edit: (file: Group) => void): Promise<void> {
  await h5wasm.ready;
  const file = new h5wasm.File(path, "a");
  edit(file);
  file.close();
}

/** A list of names in an attribute, in the place of the one that is there. */
export function setNames(group: Group, attribute: string, names: readonly string[]): void {
  if (attribute in group.attrs) group.delete_attribute(attribute);
  if (names.length === 0) {
    // As h5py saves an empty list.
    group.create_attribute(attribute, new Float64Array(0), [0], "<d");
    return;
  }
  const length = Math.max(...names.map((name) => name.length));
  group.create_attribute(attribute, [...names], [names.length], `S${length}` as Dtype);
}
