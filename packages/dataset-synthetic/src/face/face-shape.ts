import { type ActionUnit, type ActionUnits, intensity, meanIntensity, type Side } from "../action-units.ts";
import { clamp, lerp, type Point } from "../base/math.ts";
import type { Identity } from "../identity.ts";
import { type BrowShape, browShape } from "./brow-shape.ts";
import { type Crease, faceCreases } from "./creases.ts";
import { type EyeShape, eyeShape, type Gaze } from "./eye-shape.ts";
import { type HeadSurface, headSurface } from "./head-surface.ts";
import { type MouthShape, mouthShape } from "./mouth-shape.ts";
import { type NoseShape, noseShape } from "./nose-shape.ts";
import { SIDES } from "./sides.ts";

/** A face with an expression, in (u, y) coordinates of its head (see head-surface.ts). */
export interface FaceShape {
  readonly head: HeadSurface;
  readonly eyes: readonly EyeShape[];
  readonly brows: readonly BrowShape[];
  readonly nose: NoseShape;
  readonly mouth: MouthShape;
  readonly creases: readonly Crease[];
  /** Landmarks 17 to 67 of the iBUG order; 0 to 16 lie on the outline and depend on the view. */
  readonly innerLandmarks: readonly Point[];
  /** Raised cheeks, per side. */
  readonly cheeks: readonly [number, number];
  /** Tension of the chin's skin. */
  readonly chinTension: number;
}

/** The face of a person whose action units are active as given. */
export function faceShape(person: Identity, units: ActionUnits, gaze: Gaze): FaceShape {
  const mean = (unit: ActionUnit): number => meanIntensity(units, unit);
  const jaw = 0.31 * mean(26) + 0.62 * mean(27);
  const head = headSurface(person.head, person.head.chinY + 0.85 * jaw - 0.035 * mean(17));
  const eyes = SIDES.map((side) => eyeShape(person, units, side, gaze));
  const brows = SIDES.map((side) => browShape(person, units, side));
  const nose = noseShape(person, mean);
  const mouth = mouthShape(person, units, jaw);
  return {
    head,
    eyes,
    brows,
    nose,
    mouth,
    creases: faceCreases(person, units, { eyes, brows, nose, mouth }),
    innerLandmarks: innerLandmarks(eyes, brows, nose, mouth),
    cheeks: [cheekRaise(units, "left"), cheekRaise(units, "right")],
    chinTension: mean(17),
  };
}

function cheekRaise(units: ActionUnits, side: Side): number {
  const on = (unit: ActionUnit): number => intensity(units, unit, side);
  return clamp(0.7 * on(6) + 0.6 * on(12) + 0.2 * on(10) + 0.25 * on(9));
}

function innerLandmarks(
  eyes: readonly EyeShape[],
  brows: readonly BrowShape[],
  nose: NoseShape,
  mouth: MouthShape,
): Point[] {
  const [leftEye, rightEye] = eyes as [EyeShape, EyeShape];
  const bridge = [0, 1, 2, 3].map((i): Point => [0, lerp(nose.rootY - 0.02, nose.tipY, i / 3)]);
  const base = [-1, -0.52, 0, 0.52, 1].map(
    (share): Point => [share * nose.halfWidth * 0.94, nose.baseY - 0.075 * Math.abs(share) ** 1.5],
  );
  return [
    ...brows[0]!.marks,
    ...[...brows[1]!.marks].reverse(),
    ...bridge,
    ...base,
    leftEye.outer,
    ...leftEye.upperMarks,
    leftEye.inner,
    leftEye.lowerMarks[1],
    leftEye.lowerMarks[0],
    rightEye.inner,
    rightEye.upperMarks[1],
    rightEye.upperMarks[0],
    rightEye.outer,
    ...rightEye.lowerMarks,
    ...mouth.marks,
  ];
}
