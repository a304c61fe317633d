export { describeError, type ErrorCode, type ErrorDetails, EXIT_STATUS, FerBenchError } from "./errors.ts";
export { type Progress, type ProgressTask, silent } from "./progress.ts";
export {
  createRandom,
  deriveSeed,
  normal,
  type Random,
  randomInt,
  shuffle,
  truncatedNormal,
  uniform,
} from "./random.ts";
