/*
 * The face detector's inner loops in AssemblyScript: 128-bit SIMD, compiled to data/detector.wasm by
 * tools/build-wasm.mjs. Memory is laid out by src/detector/simd/; nothing here allocates. All pointers are byte
 * offsets; a picture is one plane of bytes a channel, rows without gaps, and may be read up to 16 bytes past its end.
 */
export { spread } from "./channels";
export { fillTile, multiply, scan, storeSpectrum, transform, twiddleTable } from "./correlation";
export { features } from "./features";
export { histograms, orientations } from "./histograms";
export { resize } from "./resize";

/** Memory from here on is the caller's. */
export const firstFree: usize = __heap_base;
