import { FerBenchError } from "@fer-bench/artifacts";
import type { Kernels } from "./kernels.ts";

/** Memory of an instance, handed out from the start upwards; taken back all at once, down to a mark. */
export interface Arena {
  /** Offset of so many bytes, at a multiple of 16. @throws FerBenchError "unavailable" beyond WebAssembly's 4 GB */
  take(bytes: number): number;
  mark(): number;
  release(mark: number): void;
  bytes(offset: number, length: number): Uint8Array;
  floats(offset: number, length: number): Float32Array;
  integers(offset: number, length: number): Int32Array;
}

const PAGE = 65_536;
/** Pictures are read up to 16 bytes past their end. */
const SLACK = 64;

/** Views are of the memory as it is: taking more may replace it. */
export function createArena({ memory, firstFree }: Kernels): Arena {
  let free = aligned(firstFree.value);
  return {
    take(bytes) {
      const offset = free;
      free = aligned(offset + bytes + SLACK);
      const missing = free - memory.buffer.byteLength;
      if (missing > 0) grow(memory, Math.ceil(missing / PAGE));
      return offset;
    },
    mark: () => free,
    release(mark) {
      free = mark;
    },
    bytes: (offset, length) => new Uint8Array(memory.buffer, offset, length),
    floats: (offset, length) => new Float32Array(memory.buffer, offset, length),
    integers: (offset, length) => new Int32Array(memory.buffer, offset, length),
  };
}

function grow(memory: Kernels["memory"], pages: number): void {
  try {
    memory.grow(pages);
  } catch (cause) {
    throw new FerBenchError(
      "unavailable",
      "there is not enough memory to search a picture of this size for faces",
      {
        remedy: "Reduce the picture, or enlarge it fewer times before the search.",
        cause,
      },
    );
  }
}

function aligned(offset: number): number {
  return Math.ceil(offset / 16) * 16;
}
