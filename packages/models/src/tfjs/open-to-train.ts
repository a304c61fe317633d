import type { Device } from "../run/engine.ts";
import { findLibrary, loadNative, loadTensorFlow } from "./library.ts";

/** What TensorFlow.js is wanted for: `training` needs a library that has every gradient. */
export interface TfjsPurpose {
  training?: boolean;
}

/**
 * TensorFlow.js's namespace in this thread, with the fastest library here that has every gradient: what a `LayersModel`
 * is trained by. Its type is nobody's: this package's declarations need no TensorFlow.js.
 *
 * @throws FerBenchError as `findLibrary` does, or "unavailable" where the library does not start
 */
export async function openTensorFlowToTrain(device: Device): Promise<object> {
  const library = findLibrary(device, { training: true });
  return library.native ? loadNative(library) : loadTensorFlow(library);
}
