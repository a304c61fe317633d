import { readFileSync } from "node:fs";
import { FerBenchError } from "@fer-bench/artifacts";

/** What data/maps.wasm exports: packages/report/simd says what each does. Pointers are byte offsets. */
export interface Kernels {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  readonly firstFree: Pointer;
  rowProducts(
    a: number,
    rowsOfA: number,
    b: number,
    rowsOfB: number,
    columns: number,
    c: number,
    stride: number,
  ): void;
  layOut(n: number, pairs: number, free: number): number;
  readonly points: Pointer;
  readonly gradient: Pointer;
  readonly repulsion: Pointer;
  readonly starts: Pointer;
  readonly columns: Pointer;
  readonly values: Pointer;
  repel(repulsion: number, theta: number): number;
  fillGradient(exaggeration: number, theta: number): void;
  rest(): void;
  descend(learningRate: number, momentum: number): void;
}

interface Pointer {
  readonly value: number;
}

/** What Node has; its types do not say so. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: Kernels };
};

const PAGE = 65_536;
let compiled: object | undefined;

/** An instance with a memory of its own. */
export function createKernels(): Kernels {
  compiled ??= new WebAssembly.Module(readFileSync(new URL("../data/maps.wasm", import.meta.url)));
  return new WebAssembly.Instance(compiled).exports;
}

/** The first byte that is the caller's, at a multiple of 16. */
export function firstFree(kernels: Kernels): number {
  return Math.ceil(kernels.firstFree.value / 16) * 16;
}

/**
 * Makes an instance's memory reach up to `end`. It may come to lie elsewhere: views of it are made afterwards.
 *
 * @throws FerBenchError "unavailable" beyond WebAssembly's 4 GB
 */
export function reserve({ memory }: Kernels, end: number): void {
  const missing = end - memory.buffer.byteLength;
  if (missing <= 0) return;
  try {
    memory.grow(Math.ceil(missing / PAGE));
  } catch (cause) {
    throw new FerBenchError("unavailable", "there is not enough memory for a map of so many samples", {
      field: "report.tsne.points, report.umap.points",
      remedy: "Draw fewer of the test samples.",
      cause,
    });
  }
}
