import { readFile } from "node:fs/promises";
import { FerBenchError } from "@fer-bench/artifacts";
import { type DlibNumbers, readDlibNumbers } from "./dlib-numbers.ts";
import type { RegressionTrees, ShapePredictor } from "./shape-predictor.ts";

/** The only version that dlib 19 writes and reads. */
const VERSION = 1;
/** Least bytes of an integer, and of a float. */
const INTEGER_BYTES = 2;
const FLOAT_BYTES = 4;
/** dlib's own models have 136 at the most. */
const MOST_COORDINATES = 10_000;

/** Reads a `.dat` file of dlib's `shape_predictor`. Errors: `missing`, or `bad-data` naming the file and its byte. */
export async function readShapePredictor(file: string): Promise<ShapePredictor> {
  const bytes = await readFile(file).catch((cause: NodeJS.ErrnoException) => {
    throw new FerBenchError("missing", `the landmarks file cannot be read: ${cause.code}`, {
      file,
      remedy: "name a .dat file of dlib's shape predictor",
      cause,
    });
  });
  return parseShapePredictor(bytes, file);
}

/** The bytes of such a file, which `file` names in errors. */
export function parseShapePredictor(bytes: Uint8Array, file: string): ShapePredictor {
  const numbers = readDlibNumbers(bytes, file);
  const version = numbers.integer();
  if (version !== VERSION) numbers.refuse(`version ${version}, ${VERSION} is known`);
  const meanShape = new Float32Array(readRows(numbers));
  if (meanShape.length === 0 || meanShape.length % 2 !== 0) numbers.refuse("a shape of no or half points");
  readFloats(numbers, meanShape);
  const points = meanShape.length / 2;
  const forests = readList(numbers, "forests", () => readTrees(numbers, meanShape.length));
  const anchors = readList(numbers, "lists of anchors", () => readAnchors(numbers, points));
  const offsets = readList(numbers, "lists of offsets", () =>
    readFloats(numbers, new Float32Array(2 * numbers.count("offsets", 2 * FLOAT_BYTES))),
  );
  numbers.end();
  if (anchors.length !== forests.length || offsets.length !== forests.length) {
    numbers.refuse(`${forests.length} forests with ${anchors.length} and ${offsets.length} lists of pixels`);
  }
  const stages = forests.map((trees, i) => ({ trees, anchors: anchors[i]!, offsets: offsets[i]! }));
  for (const stage of stages) {
    const pixels = stage.anchors.length;
    const known = (index: number): boolean => index < pixels;
    if (stage.offsets.length !== 2 * pixels)
      numbers.refuse(`${stage.offsets.length / 2} offsets of ${pixels} pixels`);
    if (!stage.trees.first.every(known) || !stage.trees.second.every(known)) {
      numbers.refuse(`a tree that looks beyond its ${pixels} pixels`);
    }
  }
  return { points, meanShape, stages };
}

/** dlib's trainer makes the trees of a stage equally deep; others are refused. */
function readTrees(numbers: DlibNumbers, coordinates: number): RegressionTrees {
  const count = numbers.count("trees", 2 * INTEGER_BYTES);
  let trees: RegressionTrees = { count, nodes: 0, ...treeArrays(0, 0, coordinates) };
  for (let tree = 0; tree < count; tree++) {
    const nodes = numbers.count("nodes", 2 * INTEGER_BYTES + FLOAT_BYTES);
    if (tree === 0) {
      const leastBytes = nodes * (2 * INTEGER_BYTES + FLOAT_BYTES) + (nodes + 1) * coordinates * FLOAT_BYTES;
      numbers.expect(count * leastBytes - leastBytes, "trees");
      trees = { count, nodes, ...treeArrays(count, nodes, coordinates) };
    }
    if (nodes !== trees.nodes) numbers.refuse(`a tree of ${nodes} nodes among trees of ${trees.nodes}`);
    for (let i = tree * nodes; i < (tree + 1) * nodes; i++) {
      trees.first[i] = readIndex(numbers, 2 ** 32);
      trees.second[i] = readIndex(numbers, 2 ** 32);
      trees.thresholds[i] = numbers.float();
    }
    const leaves = numbers.count("leaves", coordinates * FLOAT_BYTES);
    if (leaves !== nodes + 1 || !Number.isInteger(Math.log2(leaves))) {
      numbers.refuse(`a tree of ${nodes} nodes and ${leaves} leaves, which is not a full one`);
    }
    for (let leaf = tree * leaves; leaf < (tree + 1) * leaves; leaf++) {
      const rows = readRows(numbers);
      if (rows !== coordinates) numbers.refuse(`a leaf of ${rows} numbers, not ${coordinates}`);
      readFloats(numbers, trees.leaves.subarray(leaf * coordinates, (leaf + 1) * coordinates));
    }
  }
  return trees;
}

function treeArrays(count: number, nodes: number, coordinates: number) {
  return {
    first: new Uint32Array(count * nodes),
    second: new Uint32Array(count * nodes),
    thresholds: new Float32Array(count * nodes),
    leaves: new Float32Array(count * (nodes + 1) * coordinates),
  };
}

/** The length of a matrix of one column; matrices begin with their negated sizes. */
function readRows(numbers: DlibNumbers): number {
  const rows = Math.abs(numbers.integer());
  const columns = Math.abs(numbers.integer());
  if (columns === 1 && rows <= MOST_COORDINATES) return rows;
  return numbers.refuse(`a ${rows} x ${columns} matrix where a column should be`);
}

function readAnchors(numbers: DlibNumbers, points: number): Uint32Array {
  const anchors = new Uint32Array(numbers.count("anchors", INTEGER_BYTES));
  for (let i = 0; i < anchors.length; i++) anchors[i] = readIndex(numbers, points);
  return anchors;
}

function readIndex(numbers: DlibNumbers, end: number): number {
  const index = numbers.integer();
  return index >= 0 && index < end ? index : numbers.refuse(`index ${index} of ${end}`);
}

function readFloats(numbers: DlibNumbers, into: Float32Array): Float32Array {
  for (let i = 0; i < into.length; i++) into[i] = numbers.float();
  return into;
}

function readList<T>(numbers: DlibNumbers, what: string, read: () => T): T[] {
  const count = numbers.count(what, INTEGER_BYTES);
  const items: T[] = [];
  for (let i = 0; i < count; i++) items.push(read());
  return items;
}
