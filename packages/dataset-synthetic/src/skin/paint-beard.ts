import { luminance, mixRgb, scaleRgb } from "../base/colour.ts";
import { smoothstep } from "../base/math.ts";
import { noise } from "../base/noise.ts";
import { boxBlur } from "../base/raster.ts";
import type { FaceShape } from "../face/face-shape.ts";
import { SECTION_END } from "../face/head-surface.ts";
import type { Beard, Identity } from "../identity.ts";
import type { FaceLayers } from "./face-layers.ts";

interface BeardLook {
  readonly moustache: boolean;
  /** Hair below the lower lip only, or on jaw and cheeks too. */
  readonly reach: "none" | "chin" | "jaw";
  readonly opacity: number;
  /** How far it stands off the skin, in face units. */
  readonly height: number;
  /** How gradually it ends on the cheek, in face units. */
  readonly fade: number;
}

const LOOKS: Readonly<Record<Beard | "shadow", BeardLook>> = {
  none: { moustache: false, reach: "none", opacity: 0, height: 0, fade: 0.1 },
  shadow: { moustache: true, reach: "jaw", opacity: 0.14, height: 0, fade: 0.35 },
  stubble: { moustache: true, reach: "jaw", opacity: 0.42, height: 0, fade: 0.22 },
  moustache: { moustache: true, reach: "none", opacity: 0.95, height: 0.04, fade: 0.1 },
  goatee: { moustache: true, reach: "chin", opacity: 0.92, height: 0.035, fade: 0.1 },
  short: { moustache: true, reach: "jaw", opacity: 0.75, height: 0.02, fade: 0.24 },
  full: { moustache: true, reach: "jaw", opacity: 0.95, height: 0.08, fade: 0.2 },
};

/** The hair of the lower face, or the shadow that a razor leaves. */
export function paintBeard(layers: FaceLayers, face: FaceShape, person: Identity): void {
  const shaven = person.beard.style === "none";
  if (shaven && person.ruggedness < 0.6) return;
  const look = LOOKS[shaven ? "shadow" : person.beard.style];
  const { grid, albedo, gloss, relief } = layers;
  const cover = beardCover(layers, face, look);
  const soft = Float32Array.from(cover);
  boxBlur(soft, grid.width, grid.height, Math.round(0.05 * grid.scale), 2);
  const skinShare = look.opacity < 0.5 ? 0.35 : 0.05;
  const colour = mixRgb(scaleRgb(person.brows.colour, 1.1), person.skin.colour, skinShare);
  const opacity = look.opacity * person.beard.density ** 0.4 * (shaven ? 1 - person.skin.depth : 1);
  const contrast = luminance(colour) > 0.15 ? 0.35 : 0.6;
  for (let row = 0; row < grid.height; row++) {
    const y = grid.top + (row + 0.5) / grid.scale;
    for (let column = 0; column < grid.width; column++) {
      const i = row * grid.width + column;
      const covered = cover[i]!;
      relief[i]! += look.height * soft[i]!;
      if (covered < 0.01) continue;
      const u = grid.left + (column + 0.5) / grid.scale;
      const strand =
        0.6 * noise(u * 34 + person.texture, y * 11 + u * 7) + 0.4 * noise(u * 75, y * 30 + person.texture);
      const alpha = opacity * smoothstep(0.1, 0.8, covered * 1.15 + 0.7 * (strand - 0.5));
      const shade = 1 + contrast * (strand - 0.6);
      for (let p = 0; p < 3; p++) {
        const plane = albedo[p]!;
        plane[i]! += (colour[p]! * shade - plane[i]!) * alpha;
      }
      gloss[i]! *= 1 - 0.75 * alpha;
      relief[i]! += 0.2 * look.height * alpha * (strand - 0.5);
    }
  }
}

/** Where the beard grows, 0 to 1, over the grid. */
function beardCover({ grid }: FaceLayers, { mouth, nose, head }: FaceShape, look: BeardLook): Float32Array {
  const cover = new Float32Array(grid.width * grid.height);
  const lipTop = mouth.upperOuter[Math.floor(mouth.upperOuter.length / 2)]![1];
  const lipBottom = mouth.lowerOuter[Math.floor(mouth.lowerOuter.length / 2)]![1];
  const corner = (mouth.right[0] - mouth.left[0]) / 2;
  const cornerY = (mouth.right[1] + mouth.left[1]) / 2;
  const { fade } = look;
  const first = Math.max(0, Math.floor((-0.1 - grid.top) * grid.scale));
  for (let row = first; row < grid.height; row++) {
    const y = grid.top + (row + 0.5) / grid.scale;
    const limit = head.halfWidth(y) * SECTION_END;
    for (let column = 0; column < grid.width; column++) {
      const x = Math.abs(grid.left + (column + 0.5) / grid.scale);
      if (x > limit) continue;
      let value = 0;
      if (look.moustache) {
        // From under the nose down to the lip, and past the corners of the mouth.
        const out = smoothstep(corner * 0.3, corner * 1.15, x);
        const top = nose.baseY + 0.045 + (cornerY - nose.baseY - 0.12) * out ** 1.4;
        const bottom = lipTop + 0.01 + (cornerY - lipTop + 0.06) * out ** 1.8;
        value =
          smoothstep(top - 0.03, top + 0.04, y) *
          (1 - smoothstep(bottom - 0.02, bottom + 0.03, y)) *
          (1 - smoothstep(corner * 1.05, corner * 1.25, x));
      }
      const chin = smoothstep(lipBottom + 0.05, lipBottom + 0.13, y);
      const tuft = smoothstep(lipBottom - 0.01, lipBottom + 0.05, y) * smoothstep(0.12, 0.05, x);
      const beside = smoothstep(corner * 1.0, corner * 1.2, x);
      if (look.reach === "chin") {
        const ring =
          beside *
          (1 - smoothstep(corner * 1.3, corner * 1.65, x)) *
          smoothstep(cornerY - 0.05, cornerY + 0.03, y);
        value = Math.max(value, tuft, ring, chin * (1 - smoothstep(corner * 1.3, corner * 1.65, x)));
      } else if (look.reach === "jaw") {
        // The cheek's line runs from the corner of the mouth up to the ear.
        const line = cornerY - 0.12 - 0.95 * smoothstep(0.45, 1.15, x);
        value = Math.max(value, tuft, chin, beside * smoothstep(line - fade / 3, line + fade, y));
      }
      cover[row * grid.width + column] = value;
    }
  }
  return cover;
}
