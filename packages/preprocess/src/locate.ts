import { z } from "zod";
import type { FaceLocator } from "./located-face.ts";
import { boxSettings, locateBox } from "./locators/box.ts";
import { locateWhole, wholeSettings } from "./locators/whole.ts";

/** How a data set's faces are found: the manifest entry's `face`. A further way is a file in `locators/` and its lines here. */
export const FaceSettings = z.discriminatedUnion("kind", [wholeSettings, boxSettings]);
export type FaceSettings = z.infer<typeof FaceSettings>;

export function createLocator(settings: FaceSettings): FaceLocator {
  switch (settings.kind) {
    case "whole":
      return locateWhole();
    case "box":
      return locateBox(settings);
  }
}
