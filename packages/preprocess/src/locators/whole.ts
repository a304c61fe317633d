import { z } from "zod";
import type { FaceLocator } from "../located-face.ts";

/** For sets that come as face chips: the picture is the face. */
export const wholeSettings = z.strictObject({ kind: z.literal("whole") });

export function locateWhole(): FaceLocator {
  return ({ image: { width, height }, landmarks }) => [
    { box: { left: 0, top: 0, width, height }, found: "whole", ...(landmarks && { landmarks }) },
  ];
}
