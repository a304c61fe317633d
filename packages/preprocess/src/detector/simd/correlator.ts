import type { FaceFilters } from "../face-filters.ts";
import type { Answer } from "../search.ts";
import { CELLS_BEFORE, FILTER_SIDE } from "../window.ts";
import type { Arena } from "./arena.ts";
import { CELL_FLOATS, slotOfPlane } from "./feature-order.ts";
import type { Kernels } from "./kernels.ts";

/** Side of a tile in cells; filters reach 9 cells beyond the 23 positions that it answers for. */
const SIDE = 32;
const POSITIONS = SIDE - FILTER_SIDE + 1;
/** A group is four planes of a tile; simd/correlation.ts has its layout. */
const GROUP_BYTES = 32 * (32 * 32 + 64);
const FEATURE_GROUPS = CELL_FLOATS / 4;
const ANSWER_GROUPS = 2;
/** The first of two maps in a tile is its real part, the second its imaginary one. */
const PARTS = [0, 16] as const;

interface TilePlace {
  readonly level: number;
  readonly row: number;
  readonly column: number;
  /** Positions that the level has there. */
  readonly rows: number;
  readonly columns: number;
}

export interface Correlator {
  /** Cuts a level's feature map into tiles; the map may be overwritten afterwards. */
  add(map: number, width: number, height: number, level: number): void;
  /** The answers of everything that was added. */
  finish(): Answer[];
}

/**
 * The filters' answers by Fourier transforms of tiles, two tiles at once: about a tenth of the arithmetic of filters of
 * 10x10x31. `begin` starts a picture.
 */
export function createCorrelator(kernels: Kernels, arena: Arena, { filters }: FaceFilters) {
  writeTwiddles(arena.floats(kernels.twiddleTable.value, 8 * 3 * 8));
  const spectra = arena.take(SIDE * SIDE * filters.length * CELL_FLOATS * 8);
  const tile = arena.take(FEATURE_GROUPS * GROUP_BYTES);
  const answers = arena.take(ANSWER_GROUPS * GROUP_BYTES);
  const thresholds = arena.take(8 * 4);
  const found = arena.take(POSITIONS * POSITIONS * filters.length * 16);
  filters.forEach(({ weights }, i) => {
    const mark = arena.mark();
    const map = arena.take(FILTER_SIDE * FILTER_SIDE * CELL_FLOATS * 4);
    arena.floats(map, FILTER_SIDE * FILTER_SIDE * CELL_FLOATS).set(asFeatureMap(weights));
    for (const part of PARTS) kernels.fillTile(map, 0, 0, 0, 0, tile, part);
    kernels.fillTile(map, FILTER_SIDE, FILTER_SIDE, 0, 0, tile, PARTS[0]);
    kernels.transform(tile, FEATURE_GROUPS, false);
    kernels.storeSpectrum(tile, spectra, i);
    arena.release(mark);
  });

  function answersOf(places: readonly TilePlace[]): Answer[] {
    kernels.transform(tile, FEATURE_GROUPS, false);
    kernels.multiply(tile, spectra, answers);
    kernels.transform(answers, ANSWER_GROUPS, true);
    return places.flatMap((place, i) => {
      const count = kernels.scan(answers, PARTS[i]!, place.rows, place.columns, thresholds, found);
      const integers = arena.integers(found, 4 * count);
      const floats = arena.floats(found, 4 * count);
      return Array.from({ length: count }, (_, hit) => ({
        filter: integers[4 * hit]!,
        level: place.level,
        row: place.row + integers[4 * hit + 1]!,
        column: place.column + integers[4 * hit + 2]!,
        value: floats[4 * hit + 3]!,
      }));
    });
  }

  return {
    begin(threshold: number): Correlator {
      const limits = arena.floats(thresholds, 8).fill(Infinity);
      filters.forEach((filter, i) => {
        limits[i] = leastFloat(filter.threshold + threshold);
      });
      const reached: Answer[] = [];
      let waiting: TilePlace[] = [];
      const run = (): void => {
        for (const answer of answersOf(waiting)) reached.push(answer);
        waiting = [];
      };
      return {
        add(map, width, height, level) {
          for (let row = 0; row < height; row += POSITIONS) {
            for (let column = 0; column < width; column += POSITIONS) {
              const part = PARTS[waiting.length]!;
              kernels.fillTile(map, width, height, column - CELLS_BEFORE, row - CELLS_BEFORE, tile, part);
              const rows = Math.min(POSITIONS, height - row);
              const columns = Math.min(POSITIONS, width - column);
              waiting.push({ level, row, column, rows, columns });
              if (waiting.length === PARTS.length) run();
            }
          }
        },
        finish() {
          if (waiting.length > 0) {
            kernels.fillTile(0, 0, 0, 0, 0, tile, PARTS[1]);
            run();
          }
          return reached;
        },
      };
    },
  };
}

function writeTwiddles(table: Float32Array): void {
  for (let n = 0; n < 8; n++) {
    for (let k = 1; k < 4; k++) {
      const at = 8 * (3 * n + k - 1);
      const angle = (-2 * Math.PI * n * k) / SIDE;
      table.fill(Math.cos(angle), at, at + 4);
      table.fill(Math.sin(angle), at + 4, at + 8);
    }
  }
}

/** A filter's weights by plane, row and column, as a map of its cells. */
function asFeatureMap(weights: Float32Array): Float32Array {
  const cells = FILTER_SIDE * FILTER_SIDE;
  const map = new Float32Array(cells * CELL_FLOATS);
  for (let i = 0; i < weights.length; i++) {
    map[(i % cells) * CELL_FLOATS + slotOfPlane(Math.floor(i / cells))] = weights[i]!;
  }
  return map;
}

/** The least number of single precision that is not below. */
function leastFloat(value: number): number {
  const floats = Float32Array.of(value);
  const bits = new Int32Array(floats.buffer);
  if (floats[0]! < value) bits[0]! += value >= 0 ? 1 : -1;
  return floats[0]!;
}
