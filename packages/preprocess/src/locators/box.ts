import { FerBenchError } from "@fer-bench/artifacts";
import type { Box } from "@fer-bench/datasets";
import { z } from "zod";
import type { FaceLocator } from "../located-face.ts";

/** For sets whose records carry a face box: a square about its centre. */
export const boxSettings = z.strictObject({
  kind: z.literal("box"),
  /** Added on each side, as a share of the box's longer side. */
  margin: z.number().min(-0.4).max(2).default(0),
});

export function locateBox({ margin }: z.infer<typeof boxSettings>): FaceLocator {
  return ({ id, path, box, landmarks }) => {
    if (box === undefined || !isBox(box)) {
      throw new FerBenchError("bad-data", `sample ${id} has no face box`, {
        file: path,
        field: "box",
        remedy: 'set the manifest entry\'s face to { "kind": "whole" }, or give every sample a box',
      });
    }
    return [{ box: squareAbout(box, margin), found: "box", ...(landmarks && { landmarks }) }];
  };
}

function isBox({ left, top, width, height }: Box): boolean {
  return Number.isFinite(left) && Number.isFinite(top) && isSide(width) && isSide(height);
}

function isSide(length: number): boolean {
  return Number.isFinite(length) && length > 0;
}

function squareAbout({ left, top, width, height }: Box, margin: number): Box {
  const side = Math.max(width, height) * (1 + 2 * margin);
  return { left: left + (width - side) / 2, top: top + (height - side) / 2, width: side, height: side };
}
