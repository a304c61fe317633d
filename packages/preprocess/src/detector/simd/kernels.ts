import { readFileSync } from "node:fs";

/** What data/detector.wasm exports: packages/preprocess/simd says what each does. Pointers are byte offsets. */
export interface Kernels {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  readonly firstFree: { readonly value: number };
  readonly twiddleTable: { readonly value: number };
  spread(rgb: number, planes: number, pixels: number): void;
  resize(
    from: number,
    fromWidth: number,
    fromHeight: number,
    to: number,
    toWidth: number,
    toHeight: number,
    groups: number,
    groupCount: number,
    rest: number,
    grey: boolean,
  ): void;
  orientations(gradients: number, count: number, slots: number): void;
  histograms(
    planes: number,
    channels: number,
    width: number,
    height: number,
    cellsWide: number,
    cellsHigh: number,
    histogram: number,
    blocks: number,
    slots: number,
    lengths: number,
  ): void;
  features(histogram: number, cellsWide: number, cellsHigh: number, energies: number, out: number): void;
  fillTile(
    map: number,
    width: number,
    height: number,
    left: number,
    top: number,
    tile: number,
    part: number,
  ): void;
  transform(tile: number, groups: number, inverse: boolean): void;
  storeSpectrum(tile: number, spectra: number, filter: number): void;
  multiply(tile: number, spectra: number, answers: number): void;
  scan(
    answers: number,
    part: number,
    rows: number,
    columns: number,
    thresholds: number,
    found: number,
  ): number;
}

/** What Node has; its types do not say so. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: Kernels };
};

let compiled: object | undefined;

/** An instance with a memory of its own. */
export function createKernels(): Kernels {
  compiled ??= new WebAssembly.Module(readFileSync(new URL("../../../data/detector.wasm", import.meta.url)));
  return new WebAssembly.Instance(compiled).exports;
}
