import { z } from "zod";
import type { FaceLocator } from "./located-face.ts";
import { boxSettings, locateBox } from "./locators/box.ts";
import { dlibSettings, locateByDlib } from "./locators/dlib.ts";
import { locateWhole, wholeSettings } from "./locators/whole.ts";

/** How a data set's faces are found: the manifest entry's `face`. A further way is a file in `locators/` and its lines here. */
export const FaceSettings = z.discriminatedUnion("kind", [wholeSettings, boxSettings, dlibSettings]);
export type FaceSettings = z.infer<typeof FaceSettings>;

export interface LocatorContext {
  /** Side of the chips that will be cut, in pixels. */
  readonly size: number;
  /** The file of the landmarks that the settings name; absent for those that come with the package. */
  readonly landmarks?: string | undefined;
}

/** Errors: those of `openFaceFinder`. */
export async function openLocator(settings: FaceSettings, context: LocatorContext): Promise<FaceLocator> {
  switch (settings.kind) {
    case "whole":
      return locateWhole();
    case "box":
      return locateBox(settings);
    case "dlib":
      return locateByDlib(settings, context);
  }
}
