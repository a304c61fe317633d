import {
  calibrateBatchNorm,
  countFlops,
  createFeatureExtractor,
  findBackbone,
  foldForInference,
  type PictureShape,
} from "@fer-bench/models";
import { samplePictures } from "./measure.ts";

const CALIBRATION_IMAGES = 128;

export interface FeatureRunRequest {
  readonly backbone: string;
  readonly input: PictureShape;
  /** Of a run. */
  readonly images: number;
  readonly batchSize: number;
  readonly threads: number;
}

/** A backbone and pictures for it, made ready to be timed. */
export async function createFeatureRun({
  backbone: name,
  input,
  images,
  batchSize,
  threads,
}: FeatureRunRequest) {
  const backbone = await findBackbone(name).create({ input, seed: 1 });
  const { graph } = backbone;
  const data = samplePictures(input, images);
  const weights = backbone.needsCalibration
    ? await calibrateBatchNorm({
        ...backbone,
        batches: [samplePictures(input, CALIBRATION_IMAGES)],
        batchSize: CALIBRATION_IMAGES,
        threads: 1,
      })
    : backbone.weights;
  const start = performance.now();
  const features = await createFeatureExtractor({ graph, weights, batchSize, threads });
  return {
    startSeconds: (performance.now() - start) / 1000,
    // Of the network that runs: batch norm and preprocessing are inside its convolutions.
    flops: countFlops(foldForInference({ graph, weights }).graph),
    run: () => features.run(data, images),
    close: () => features.close(),
  };
}
