import { createKernels, firstFree, type Kernels, reserve } from "./kernels.ts";
import type { Matrix } from "./matrix.ts";

/** The kernel takes four rows at a time, and columns in pairs; a matrix may be either operand's transpose. */
const TILE = 4;

/** A matrix in the kernels' memory; rows and columns are multiples of four, zeros where it has no others. */
export interface PlacedMatrix extends Matrix<Float64Array> {
  offset: number;
}

/** Places matrices of at least these [rows, columns], all zeros, in one memory. */
export function placeMatrices(...shapes: (readonly [number, number])[]): {
  kernels: Kernels;
  placed: PlacedMatrix[];
} {
  const kernels = createKernels();
  let end = firstFree(kernels);
  const layout = shapes.map((shape) => {
    const [rows, columns] = [wholeTiles(shape[0]), wholeTiles(shape[1])];
    const offset = end;
    end += rows * columns * Float64Array.BYTES_PER_ELEMENT;
    return { rows, columns, offset };
  });
  reserve(kernels, end);
  const placed = layout.map(({ rows, columns, offset }) => ({
    rows,
    columns,
    offset,
    data: new Float64Array(kernels.memory.buffer, offset, rows * columns),
  }));
  return { kernels, placed };
}

function wholeTiles(count: number): number {
  return Math.ceil(count / TILE) * TILE;
}

/** Products of the rows of A with the rows of B: A Bᵀ into C [rows of A, rows of B]. */
export function multiplyRows(kernels: Kernels, a: PlacedMatrix, b: PlacedMatrix, c: PlacedMatrix): void {
  kernels.rowProducts(a.offset, a.rows, b.offset, b.rows, a.columns, c.offset, c.columns);
}

/** Fills a placed matrix with the rows less their mean. */
export function fillCentred(placed: PlacedMatrix, { rows, columns, data }: Matrix): void {
  const sums = new Float64Array(columns);
  for (let i = 0; i < rows; i++) for (let c = 0; c < columns; c++) sums[c]! += data[i * columns + c]!;
  const means = sums.map((sum) => sum / rows);
  for (let i = 0; i < rows; i++) {
    const to = i * placed.columns;
    for (let c = 0; c < columns; c++) placed.data[to + c] = data[i * columns + c]! - means[c]!;
  }
}
