/** Rows of samples: uint8 for pictures, float32 for vectors. */
export type RowData = Uint8Array<ArrayBuffer> | Float32Array<ArrayBuffer>;

/** A network made ready on an engine: one input, one output. */
export interface BatchRunner {
  /** Runs the network on one input and resolves to its output; `data` is handed over and empty afterwards. */
  run(data: RowData, shape: number[]): Promise<Float32Array<ArrayBuffer>>;
  /** How many runs at once keep it busy. */
  concurrency: number;
  close(): Promise<void>;
}
