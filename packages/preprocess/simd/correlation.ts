import { transformColumn, twiddleTable } from "./fourier";
import { laneSums } from "./features";

export { twiddleTable };

/** Side of a tile: 23 positions of a filter of 10x10, and the 9 cells that it reaches beyond them. */
const SIDE: i32 = 32;
/** A point of a tile: real and imaginary part of four planes. */
const POINT: usize = 32;
/** Rows are a cache line apart from each other's sets. */
const ROW: usize = 32 * POINT + 64;
/** Four planes of a tile. */
const GROUP: usize = 32 * ROW;
/** A cell of the features: 32 floats. */
const FEATURES: usize = 128;
const GROUPS: i32 = 8;
const FILTERS: i32 = 5;
/** One point of the filters' spectra: real and imaginary part of four planes, of each filter, of each group. */
const SPECTRUM: usize = 32 * FILTERS * GROUPS;

/**
 * Puts 32x32 cells of a feature map into a tile, the map's cell (left, top) first, zero outside of it. Two maps share a
 * tile: one is the real part, the other the imaginary one (`part` 0 or 16), and real filters keep them apart.
 */
export function fillTile(map: usize, width: i32, height: i32, left: i32, top: i32, tile: usize, part: usize): void {
  for (let y = 0; y < SIDE; y++) {
    const row = top + y;
    const inside = row >= 0 && row < height;
    const first = inside ? min(max(-left, 0), SIDE) : SIDE;
    const end = inside ? max(first, min(width - left, SIDE)) : SIDE;
    const to = tile + part + <usize>y * ROW;
    zeroCells(to, 0, first);
    let from = map + <usize>(row * width + left + first) * FEATURES;
    for (let x = first; x < end; x++) {
      const at = to + <usize>x * POINT;
      v128.store(at, v128.load(from, 0), 0 * GROUP);
      v128.store(at, v128.load(from, 16), 1 * GROUP);
      v128.store(at, v128.load(from, 32), 2 * GROUP);
      v128.store(at, v128.load(from, 48), 3 * GROUP);
      v128.store(at, v128.load(from, 64), 4 * GROUP);
      v128.store(at, v128.load(from, 80), 5 * GROUP);
      v128.store(at, v128.load(from, 96), 6 * GROUP);
      v128.store(at, v128.load(from, 112), 7 * GROUP);
      from += FEATURES;
    }
    zeroCells(to, end, SIDE);
  }
}

function zeroCells(row: usize, from: i32, to: i32): void {
  const none = f32x4.splat(0);
  for (let group = 0; group < GROUPS; group++) {
    for (let x = from; x < to; x++) v128.store(row + <usize>x * POINT, none);
    row += GROUP;
  }
}

/** Fourier transform, in place, of `groups` groups of planes. With real and imaginary part swapped it is the inverse. */
export function transform(tile: usize, groups: i32, inverse: bool): void {
  const real: usize = inverse ? 16 : 0;
  for (let group = 0; group < groups; group++) {
    for (let y: usize = 0; y < 32; y++) transformColumn(tile + y * ROW, POINT, real);
    for (let x: usize = 0; x < 32; x++) transformColumn(tile + x * POINT, ROW, real);
    tile += GROUP;
  }
}

/** Keeps the spectrum of a filter, put into a tile and transformed: conjugate, since filters are correlated. */
export function storeSpectrum(tile: usize, spectra: usize, filter: i32): void {
  const scale = f32x4.splat(1.0 / 1024);
  let to = spectra + 32 * <usize>filter;
  for (let y: usize = 0; y < 32; y++) {
    for (let x: usize = 0; x < 32; x++) {
      let from = tile + y * ROW + x * POINT;
      for (let group = 0; group < GROUPS; group++) {
        v128.store(to, f32x4.mul(v128.load(from), scale));
        v128.store(to, f32x4.neg(f32x4.mul(v128.load(from, 16), scale)), 16);
        from += GROUP;
        to += 32 * FILTERS;
      }
    }
  }
}

/** The filters' answers as spectra: filters 1 to 4 are the lanes of the first group, filter 5 is in the second. */
export function multiply(tile: usize, spectra: usize, answers: usize): void {
  const none = f32x4.splat(0);
  for (let y: usize = 0; y < 32; y++) {
    for (let x: usize = 0; x < 32; x++) {
      const point = y * ROW + x * POINT;
      let from = tile + point;
      let re0 = none;
      let im0 = none;
      let re1 = none;
      let im1 = none;
      let re2 = none;
      let im2 = none;
      let re3 = none;
      let im3 = none;
      let re4 = none;
      let im4 = none;
      for (let group = 0; group < GROUPS; group++) {
        const re = v128.load(from);
        const im = v128.load(from, 16);
        re0 = f32x4.add(re0, realPart(re, im, spectra));
        im0 = f32x4.add(im0, imaginaryPart(re, im, spectra));
        re1 = f32x4.add(re1, realPart(re, im, spectra + 32));
        im1 = f32x4.add(im1, imaginaryPart(re, im, spectra + 32));
        re2 = f32x4.add(re2, realPart(re, im, spectra + 64));
        im2 = f32x4.add(im2, imaginaryPart(re, im, spectra + 64));
        re3 = f32x4.add(re3, realPart(re, im, spectra + 96));
        im3 = f32x4.add(im3, imaginaryPart(re, im, spectra + 96));
        re4 = f32x4.add(re4, realPart(re, im, spectra + 128));
        im4 = f32x4.add(im4, imaginaryPart(re, im, spectra + 128));
        from += GROUP;
        spectra += 32 * FILTERS;
      }
      const to = answers + point;
      v128.store(to, laneSums(re0, re1, re2, re3));
      v128.store(to, laneSums(im0, im1, im2, im3), 16);
      const last = laneSums(re4, im4, none, none);
      v128.store(to, last, GROUP);
      v128.store(to, v128.shuffle<i32>(last, last, 1, 2, 2, 2), GROUP + 16);
    }
  }
}

// @ts-ignore: decorator
@inline
function realPart(re: v128, im: v128, spectrum: usize): v128 {
  return f32x4.sub(f32x4.mul(re, v128.load(spectrum)), f32x4.mul(im, v128.load(spectrum, 16)));
}

// @ts-ignore: decorator
@inline
function imaginaryPart(re: v128, im: v128, spectrum: usize): v128 {
  return f32x4.add(f32x4.mul(re, v128.load(spectrum, 16)), f32x4.mul(im, v128.load(spectrum)));
}

/**
 * Where answers reach the filters' thresholds (8 floats, the fifth in lane 4), among `rows` x `columns` positions of one
 * part: 16 bytes each of filter, row, column and answer. Returns their number.
 */
export function scan(
  answers: usize,
  part: usize,
  rows: i32,
  columns: i32,
  thresholds: usize,
  found: usize,
): i32 {
  const first = v128.load(thresholds);
  const last = v128.load(thresholds, 16);
  const start = found;
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      const at = answers + part + <usize>y * ROW + <usize>x * POINT;
      const reached = v128.or(f32x4.ge(v128.load(at), first), f32x4.ge(v128.load(at, GROUP), last));
      if (!v128.any_true(reached)) continue;
      for (let filter = 0; filter < FILTERS; filter++) {
        const answer = load<f32>(at + (filter < 4 ? 4 * <usize>filter : GROUP));
        if (answer < load<f32>(thresholds + 4 * <usize>filter)) continue;
        store<i32>(found, filter, 0);
        store<i32>(found, y, 4);
        store<i32>(found, x, 8);
        store<f32>(found, answer, 12);
        found += 16;
      }
    }
  }
  return <i32>((found - start) >> 4);
}
