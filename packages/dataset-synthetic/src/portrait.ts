import { type Box, boxAround, type PixelImage } from "@fer-bench/datasets";
import type { ActionUnits } from "./action-units.ts";
import { hex } from "./base/colour.ts";
import type { Point } from "./base/math.ts";
import { drawBackground } from "./draw/background.ts";
import { PIVOT, type Pose, type Projection, projection } from "./draw/camera.ts";
import { createCanvas } from "./draw/canvas.ts";
import { develop, SUPERSAMPLING } from "./draw/develop.ts";
import { drawBody, NECK_PIVOT } from "./draw/draw-body.ts";
import { drawEars } from "./draw/draw-ears.ts";
import { drawFace, skinPoint } from "./draw/draw-face.ts";
import { drawGlasses, spectacles, sunglasses } from "./draw/draw-glasses.ts";
import { drawHair } from "./draw/draw-hair.ts";
import { drawHairLock } from "./draw/draw-hair-lock.ts";
import { drawHand } from "./draw/draw-hand.ts";
import { foreheadPoints, rectangleAround } from "./draw/face-box.ts";
import { haircut } from "./draw/haircut.ts";
import { localLight } from "./draw/light.ts";
import { outlineLandmarks } from "./draw/outline-landmarks.ts";
import { type FaceShape, faceShape } from "./face/face-shape.ts";
import type { Identity } from "./identity.ts";
import type { Scene } from "./scene.ts";
import { createFaceLayers, type FaceLayers } from "./skin/face-layers.ts";
import { paintBeard } from "./skin/paint-beard.ts";
import { paintBrow } from "./skin/paint-brow.ts";
import { paintEye } from "./skin/paint-eye.ts";
import { paintMouth } from "./skin/paint-mouth.ts";
import { paintSkin } from "./skin/paint-skin.ts";
import { sculpt } from "./skin/relief.ts";
import { scarfColour, wrapScarf } from "./skin/scarf.ts";
import { shadeFace } from "./skin/shade-face.ts";
import { shadeScalp } from "./skin/shade-scalp.ts";

/** A rendered picture and where the face is in it. */
export interface Portrait {
  readonly image: PixelImage;
  /** Around the landmarks: from the brows to the chin, made square. */
  readonly box: Box;
  /**
   * The face as sets for detection annotate it, tightly about forehead, cheeks and chin (WIDER FACE: S. Yang, P. Luo,
   * C. C. Loy and X. Tang, CVPR 2016): from the hairline to the chin, whatever hides them. Not square.
   */
  readonly faceBox: Box;
  /** 136 numbers: x0, y0, x1, y1 ... in pixels, iBUG's order; pixel centres are at halves. */
  readonly landmarks: Float32Array;
}

/** Renders a person with an expression in a scene, `size` x `size` pixels. */
export function renderPortrait(person: Identity, units: ActionUnits, scene: Scene, size: number): Portrait {
  const canvas = createCanvas(size * SUPERSAMPLING, size * SUPERSAMPLING);
  const pose: Pose = {
    ...scene.pose,
    scale: scene.pose.scale * SUPERSAMPLING,
    x: scene.pose.x * SUPERSAMPLING,
    y: scene.pose.y * SUPERSAMPLING,
  };
  const frame = projection(pose);
  const light = localLight(scene.light, frame);
  const face = faceShape(person, units, scene.gaze);
  const { head } = face;
  const { occluder } = scene;
  const cut = haircut(person);

  const layers = createFaceLayers(head, pose.scale * 0.66, person.skin.colour, person.skin.gloss);
  sculpt(layers, face, person);
  paintSkin(layers, face, person);
  paintBeard(layers, face, person);
  if (cut) shadeScalp(layers, cut, head, person);
  for (const eye of face.eyes) paintEye(layers, eye, person);
  for (const brow of face.brows) paintBrow(layers, brow, person);
  paintMouth(layers, face.mouth, person);
  if (occluder.kind === "scarf") wrapScarf(layers, head, person, occluder.side, occluder.reach);

  drawBackground(canvas, scene.seed, scene.backdropLevel);
  const bodyFrame = bodyProjection(pose, frame);
  const scarf = occluder.kind === "scarf" ? scarfColour(person) : undefined;
  drawBody(canvas, person, head.chinY, bodyFrame, localLight(scene.light, bodyFrame), scarf);
  drawFace(canvas, layers, shadeFace(layers, head, light), head, frame);
  if (!cut?.coversEars) drawEars(canvas, head, person, frame, light);
  if (cut) drawHair(canvas, cut, head, person, frame, light);
  const eyewear = occluder.kind === "sunglasses" ? sunglasses(hex("#16161a")) : spectacles(person);
  if (eyewear) drawGlasses(canvas, eyewear, person, head, frame, scene.light.key[0]);
  if (occluder.kind === "hair-lock") drawHairLock(canvas, occluder, person, frame, scene.light, scene.seed);
  if (occluder.kind === "hand-cheek" || occluder.kind === "hand-chin") {
    drawHand(canvas, occluder, person, face, frame, scene.light);
  }

  const points = landmarksOf(layers, face, frame);
  const landmarks = Float32Array.from(points.flat());
  const forehead = foreheadPoints(layers, head, frame, person.head.hairline).map(toPixels);
  return {
    image: develop(canvas, scene),
    landmarks,
    box: boxAround(landmarks),
    faceBox: rectangleAround([...points, ...forehead]),
  };
}

/** The body follows the head's turns only in part. */
function bodyProjection(pose: Pose, frame: Projection): Projection {
  const [x, y] = frame.project(...NECK_PIVOT);
  const body = { ...pose, yaw: 0.35 * pose.yaw, pitch: 0, roll: 0.3 * pose.roll, x, y };
  const depthShift = NECK_PIVOT[2] - PIVOT[2];
  const own = projection(body, NECK_PIVOT);
  return {
    toHead: own.toHead,
    project(px, py, pz) {
      const [sx, sy, depth] = own.project(px, py, pz);
      return [sx, sy, depth + depthShift];
    },
  };
}

function landmarksOf(layers: FaceLayers, face: FaceShape, frame: Projection): Point[] {
  const inner = face.innerLandmarks.map(([u, y]): Point => {
    const [px, py] = skinPoint(layers, face.head, frame, u, y);
    return [px, py];
  });
  return [...outlineLandmarks(layers, face.head, frame), ...inner].map(toPixels);
}

/** From the canvas, which is drawn larger. */
function toPixels([x, y]: Point): Point {
  return [x / SUPERSAMPLING, y / SUPERSAMPLING];
}
