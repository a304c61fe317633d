export {
  type AlignedFace,
  type AlignOptions,
  alignFace,
  DLIB_PADDING,
  TIGHT_PADDING,
} from "./align/align-face.ts";
export { type AnnotateOptions, annotatePicture, type FaceMark } from "./annotate/annotate-picture.ts";
export { type Affine, resizeBicubic, type Warp, warpBicubic } from "./bicubic.ts";
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
export { encodeJpeg, encodePng } from "./encode-picture.ts";
export { chipTransform, cutChip, toChip } from "./face-chip.ts";
export { sampleOfFace } from "./face-id.ts";
export {
  type FaceFinder,
  type FaceFinderOptions,
  type FacesPolicy,
  type FoundFace,
  type FoundHow,
  type NoFacePolicy,
  openFaceFinder,
} from "./find-faces.ts";
export { findNamedLandmarks, type NamedLandmarks, SHIPPED_LANDMARKS } from "./landmarks/named-landmarks.ts";
export {
  findLandmarks,
  findPublishedLandmarks,
  landmarksStores,
  obtainLandmarks,
} from "./landmarks/obtain-landmarks.ts";
export { type LandmarkFinder, openLandmarks } from "./landmarks/open-landmarks.ts";
export { PUBLISHED_LANDMARKS, type PublishedLandmarks } from "./landmarks/published-landmarks.ts";
export { FaceSettings, type LocatorContext, openLocator } from "./locate.ts";
export type { FaceLocator, Locatable, LocatedFace } from "./located-face.ts";
export { openNativeWarp } from "./native-warp.ts";
export { type Photograph, type PhotographOptions, readPhotograph } from "./photograph/read-photograph.ts";
export type { PixelStatistics } from "./pixel-statistics.ts";
export {
  type PreprocessStageRequest,
  type PreprocessSummary,
  runPreprocessStage,
} from "./preprocess-stage.ts";
export type { SearchSummary } from "./search-tally.ts";
export type { FaceRow } from "./write-faces.ts";
