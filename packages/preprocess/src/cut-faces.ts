import { FerBenchError } from "@fer-bench/artifacts";
import { withChannels } from "./channels.ts";
import { cutChip } from "./face-chip.ts";
import { type FaceSettings, type LocatorContext, openLocator } from "./locate.ts";
import type { Locatable, LocatedFace } from "./located-face.ts";

/** A face and the chip cut of it, size x size x channels levels. */
export interface CutFace {
  readonly face: LocatedFace;
  readonly chip: Uint8Array;
}

export interface CutSettings extends LocatorContext {
  readonly face: FaceSettings;
  readonly channels: 1 | 3;
}

/** Cuts the faces of one picture. Errors name its file. */
export type FaceCutter = (sample: Locatable) => Promise<CutFace[]>;

export async function openFaceCutter({
  face: settings,
  channels,
  ...context
}: CutSettings): Promise<FaceCutter> {
  const locate = await openLocator(settings, context);
  return async (sample) => {
    try {
      const faces = await locate(sample);
      const image = withChannels(sample.image, channels);
      return faces.map((face) => ({ face, chip: cutChip(image, face, context.size).data }));
    } catch (cause) {
      throw namingFile(cause, sample.path);
    }
  };
}

function namingFile(error: unknown, file: string): unknown {
  if (!(error instanceof FerBenchError) || error.file !== undefined) return error;
  const { code, message, field, remedy } = error;
  return new FerBenchError(code, message, { file, field, remedy, cause: error });
}
