// The thread that reads one HDF5 file. Plain JavaScript, because a worker thread starts from a file: this one is the
// same file in the sources and in the build.
import { statSync } from "node:fs";
import { parentPort } from "node:worker_threads";
import h5wasm from "h5wasm/node";

/** @typedef {import("./keras-file.ts").Hdf5Request} Hdf5Request */
/** @typedef {import("./keras-file.ts").Hdf5Reply} Hdf5Reply */
/** @typedef {import("./keras-file.ts").Hdf5Tensor} Hdf5Tensor */
/** @typedef {import("./keras-file.ts").Hdf5Problem} Hdf5Problem */
/** @typedef {import("h5wasm").Group} Group */

const port = /** @type {import("node:worker_threads").MessagePort} */ (parentPort);

/** Where Keras puts weights that are of no layer. */
const WITHOUT_LAYER = "top_level_model_weights";

/** Bytes of a compressed data set: as many as the library's 32-bit memory could hold. */
const MOST_UNPACKED = 2 ** 31 - 1;

class Refusal extends Error {
  /** @param {string} message @param {Omit<Hdf5Problem, "message">} [details] */
  constructor(message, details = {}) {
    super(message);
    /** @type {Hdf5Problem} */
    this.problem = { message, ...details };
  }
}

const library = await h5wasm.ready;
// Failures become exceptions with the library's reason, instead of lines on stderr and meaningless values.
library.activate_throwing_error_handler();

/** @type {import("h5wasm").File} */
let file;
let fileSize = 0;

/** @param {string} path @returns {Hdf5Tensor[]} */
function open(path) {
  fileSize = statSync(path).size;
  file = attempt(() => new h5wasm.File(path, "r"), "the HDF5 file is damaged");
  const root = findWeights(file);
  const layers = namesIn(root, "layer_names");
  if (keysOf(root).includes(WITHOUT_LAYER)) layers.push(WITHOUT_LAYER);
  /** @type {Map<string, Hdf5Tensor>} */
  const tensors = new Map();
  for (const layer of layers) {
    for (const tensor of tensorsOf(child(root, layer), layer)) {
      const other = tensors.get(tensor.name);
      if (other !== undefined) {
        throw new Refusal(`two tensors are ${tensor.name}: ${other.dataset} and ${tensor.dataset}`, {
          field: tensor.dataset,
          remedy: "save the inner model by itself, so that its layers have names of their own",
        });
      }
      tensors.set(tensor.name, tensor);
    }
  }
  return [...tensors.values()];
}

/** The group with `layer_names`: the root of a file of weights, `model_weights` of a whole model. @param {Group} root */
function findWeights(root) {
  if (hasNames(root, "layer_names")) return root;
  const keys = keysOf(root);
  if (keys.includes("model_weights")) {
    const inner = child(root, "model_weights");
    if (hasNames(inner, "layer_names")) return inner;
    throw new Refusal("the group model_weights has no attribute layer_names", {
      field: "/model_weights@layer_names",
    });
  }
  if (keys.includes("layers") || keys.includes("_layer_checkpoint_dependencies")) {
    throw new Refusal("this is Keras 3's .weights.h5, which does not name its layers", {
      field: "/@layer_names",
      remedy: "save the whole model instead, in Keras's older format: model.save('weights.h5')",
    });
  }
  throw new Refusal("this HDF5 file is not Keras's: its root has no attribute layer_names", {
    field: "/@layer_names",
    remedy: "save the weights with Keras: model.save('weights.h5')",
  });
}

/** @param {Group} root @param {string} layer @returns {Hdf5Tensor[]} */
function tensorsOf(root, layer) {
  const names = namesIn(root, "weight_names");
  const inside = new Set(names.map((name) => name.slice(0, Math.max(0, name.lastIndexOf("/")))));
  return names.map((name) => {
    const parts = name.split("/");
    const parameter = /** @type {string} */ (parts.at(-1)).replace(/:\d+$/, "");
    // A layer's own weights lie under one name, its own or nearly so; those of a model inside, under its layers'.
    const owner = inside.size > 1 ? (parts.at(-2) ?? layer) : layer;
    const dataset = `${root.path}/${name}`.replace(/^\/+/, "/");
    const { shape, type } = describe(root, name, dataset);
    return { name: `${owner}/${parameter}`, dataset, shape, type };
  });
}

/** @param {Group} root @param {string} name @param {string} dataset */
function describe(root, name, dataset) {
  const found = attempt(() => root.get(name), `the data set ${dataset} cannot be opened`, dataset);
  if (!(found instanceof h5wasm.Dataset)) {
    throw new Refusal(`${dataset} is ${found === null ? "missing" : "no data set"}`, { field: dataset });
  }
  const {
    shape,
    type,
    size,
    signed,
    total_size: count,
  } = attempt(() => found.metadata, `the data set ${dataset} is damaged`, dataset);
  if (shape === null) throw new Refusal(`the data set ${dataset} has no shape`, { field: dataset });
  const bytes = count * size;
  const most = found.filters.length === 0 ? fileSize : MOST_UNPACKED;
  if (bytes > most) {
    throw new Refusal(`the data set ${dataset} claims ${bytes} bytes, the whole file has ${fileSize}`, {
      field: dataset,
    });
  }
  return { shape, type: typeOf(type, size, signed) };
}

/** @param {number} type @param {number} size @param {boolean} signed */
function typeOf(type, size, signed) {
  const classes = library.H5T_class_t;
  if (type === classes.H5T_FLOAT.value) return `F${8 * size}`;
  if (type === classes.H5T_INTEGER.value) return `${signed ? "I" : "U"}${8 * size}`;
  return type === classes.H5T_STRING.value ? "text" : "values of a type of its own";
}

/** @param {string} path @returns {ArrayBuffer} */
function read(path) {
  const failed = `the data set ${path} cannot be read`;
  const dataset = /** @type {import("h5wasm").Dataset} */ (attempt(() => file.get(path), failed, path));
  const { size, total_size: count } = dataset.metadata;
  // Not `dataset.value`, which knows no 16-bit floats.
  const address = library._malloc(Math.max(1, size * count));
  if (address === 0) {
    throw new Refusal(`there is no memory for ${path}, ${size * count} bytes`, { field: path });
  }
  try {
    const status = attempt(
      () => library.get_dataset_data(file.file_id, path, null, null, null, BigInt(address)),
      failed,
      path,
    );
    if (status < 0) throw new Refusal(failed, { field: path });
    return library.HEAPU8.slice(address, address + size * count).buffer;
  } finally {
    library._free(address);
  }
}

/** @param {Group} root @param {string} name @returns {Group} */
function child(root, name) {
  const path = `${root.path}/${name}`.replace(/^\/+/, "/");
  const found = attempt(() => root.get(name), `the group ${path} cannot be opened`, path);
  if (found instanceof h5wasm.Group) return found;
  throw new Refusal(`${path} is ${found === null ? "missing" : "no group"}`, { field: path });
}

/** @param {Group} group @returns {string[]} */
function keysOf(group) {
  return attempt(() => group.keys(), `the group ${group.path} is damaged`, group.path);
}

/** A list too long for one attribute is in several: `name0`, `name1` ... @param {Group} group @param {string} name */
function hasNames(group, name) {
  const names = attributeNames(group);
  return names.includes(name) || names.includes(`${name}0`);
}

/** @param {Group} group */
function attributeNames(group) {
  return attempt(
    () => library.get_attribute_names(file.file_id, group.path),
    `the attributes of ${group.path} cannot be read`,
    group.path,
  );
}

/** The list of names in an attribute. @param {Group} group @param {string} name @returns {string[]} */
function namesIn(group, name) {
  const field = `${group.path}@${name}`;
  const there = new Set(attributeNames(group));
  const parts = there.has(name) ? [name] : [];
  for (let i = 0; there.has(`${name}${i}`); i++) parts.push(`${name}${i}`);
  if (parts.length === 0) throw new Refusal(`${group.path} has no attribute ${name}`, { field });
  return parts.flatMap((part) => {
    const value = attempt(
      () => group.get_attribute(part, false),
      `the attribute ${part} of ${group.path} is damaged`,
      field,
    );
    // Keras saves an empty list as one of numbers.
    if (ArrayBuffer.isView(value) && value.byteLength === 0) return [];
    if (!Array.isArray(value) || value.some((one) => typeof one !== "string" || one === "")) {
      throw new Refusal(`the attribute ${part} of ${group.path} is no list of names`, { field });
    }
    return /** @type {string[]} */ (value);
  });
}

/** @template T @param {() => T} action @param {string} message @param {string} [field] @returns {T} */
function attempt(action, message, field) {
  try {
    return action();
  } catch (error) {
    throw isFatal(error)
      ? error
      : new Refusal(`${message} (${reasonOf(error)})`, { ...(field !== undefined && { field }) });
  }
}

/** What the library does not survive: WebAssembly's own errors, and its abort. @param {unknown} error */
function isFatal(error) {
  return /** @type {Error} */ (error).name === "RuntimeError";
}

/** The innermost line of the library's report. @param {unknown} error */
function reasonOf(error) {
  const lines = String(/** @type {Error} */ (error).message ?? error).split("\n");
  const innermost = lines.filter((line) => line.trim().startsWith("#")).at(-1) ?? lines[0] ?? "";
  return innermost.replace(/^.*?\): /, "").trim();
}

port.on("message", (/** @type {Hdf5Request} */ request) => {
  try {
    if (request.kind === "open") {
      port.postMessage(/** @type {Hdf5Reply} */ ({ kind: "opened", tensors: open(request.path) }));
      return;
    }
    const bytes = read(request.dataset);
    port.postMessage(/** @type {Hdf5Reply} */ ({ kind: "read", bytes }), [bytes]);
  } catch (error) {
    // It ends the thread.
    if (isFatal(error)) throw error;
    const problem =
      error instanceof Refusal ? error.problem : { message: `the HDF5 file is damaged (${reasonOf(error)})` };
    port.postMessage(/** @type {Hdf5Reply} */ ({ kind: "refused", problem }));
  }
});
