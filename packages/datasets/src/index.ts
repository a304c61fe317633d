export type { DatasetPackage, ImportRequest, ImportSummary, RawRequest } from "./dataset-package.ts";
export { CANONICAL_LABELS, type Label, SPLITS, type Split } from "./labels.ts";
export type { Box, PixelImage, RawSample } from "./sample.ts";
