/** What executes a graph. */
export const ENGINES = ["onnx", "tfjs"] as const;
export type Engine = (typeof ENGINES)[number];

/** What an engine computes on. */
export const DEVICES = ["cpu", "webgpu", "cuda"] as const;
export type Device = (typeof DEVICES)[number];
