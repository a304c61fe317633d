export { type Affine, resizeBicubic, warpBicubic } from "./bicubic.ts";
export { withChannels } from "./channels.ts";
export {
  type ContactRow,
  type ContactSheet,
  contactSheetSize,
  drawContactSheet,
} from "./contact-sheet.ts";
export {
  createFaceDetector,
  type DetectedFace,
  type FaceDetector,
  type FaceDetectorOptions,
} from "./detector/face-detector.ts";
export { chipTransform, cutChip, toChip } from "./face-chip.ts";
export { createLocator, FaceSettings } from "./locate.ts";
export type { FaceLocator, LocatedFace } from "./located-face.ts";
export type { PixelStatistics } from "./pixel-statistics.ts";
export {
  type FaceRow,
  type PreprocessStageRequest,
  type PreprocessSummary,
  runPreprocessStage,
} from "./preprocess-stage.ts";
