import type { Corners } from "./pyramid.ts";

/** Pixels of a cell, and cells of a filter's side. */
export const CELL_SIZE = 8;
export const FILTER_SIDE = 10;

/** So many cells before the first and after the last one dlib puts zeros, so that faces at the edge are found. */
export const CELLS_BEFORE = 4;

/**
 * The rectangle of the filter's answer at a row and column, in the pixels of its level (dlib's `fhog_to_image`): from
 * the centre of its first cell to the centre of its last one.
 */
export function windowOf(row: number, column: number): Corners {
  return {
    left: cellCentre(column - CELLS_BEFORE),
    top: cellCentre(row - CELLS_BEFORE),
    right: cellCentre(column - CELLS_BEFORE + FILTER_SIDE - 1),
    bottom: cellCentre(row - CELLS_BEFORE + FILTER_SIDE - 1),
  };
}

/** The first cell with features is the picture's second one. dlib goes the other way from a corner outside of it. */
function cellCentre(cell: number): number {
  const corner = (cell + 1) * CELL_SIZE + 1;
  return corner + (corner < 0 ? -CELL_SIZE / 2 : CELL_SIZE / 2);
}

/** Side of a window inside the picture. */
export const WINDOW_SIDE = (FILTER_SIDE - 1) * CELL_SIZE + 1;

/** Cells of a picture's side: rounded. */
export function cellsOf(pixels: number): number {
  return Math.floor(pixels / CELL_SIZE + 0.5);
}
