import { createHash } from "node:crypto";
import type { PixelImage } from "@fer-bench/datasets";
import { describe, expect, it } from "vitest";
import type { ActionUnits } from "./action-units.ts";
import type { Point } from "./base/math.ts";
import { projection, turnAbout } from "./draw/camera.ts";
import { createCanvas } from "./draw/canvas.ts";
import { drawFace } from "./draw/draw-face.ts";
import { outlineLandmarks } from "./draw/outline-landmarks.ts";
import { faceShape } from "./face/face-shape.ts";
import { drawIdentity, type Identity } from "./identity.ts";
import { syntheticOptions } from "./options.ts";
import { planSamples, renderSample } from "./plan.ts";
import { type Portrait, renderPortrait } from "./portrait.ts";
import { drawScene, type Scene } from "./scene.ts";
import { createFaceLayers } from "./skin/face-layers.ts";
import { sculpt } from "./skin/relief.ts";

const SIZE = 160;
const OPTIONS = syntheticOptions.parse({});

/** A plain person in plain light, turned as given. */
function plain(number: number, pose: Partial<Scene["pose"]> = {}, units: ActionUnits = {}, size = SIZE) {
  const drawn = drawIdentity(1, number);
  const person: Identity = {
    ...drawn,
    glasses: { ...drawn.glasses, style: "none" },
    beard: { ...drawn.beard, style: "none" },
    hair: { ...drawn.hair, style: "buzz" },
  };
  const scene = drawScene(9, person, { size, variation: 0, occlusion: 0 });
  const turned = { ...scene, noise: 0, pose: { ...scene.pose, ...pose } };
  return { person, scene: turned, portrait: renderPortrait(person, units, turned, size) };
}

function mark({ landmarks }: Portrait, number: number): Point {
  return [landmarks[2 * number]!, landmarks[2 * number + 1]!];
}

function middle(points: readonly Point[]): Point {
  const sum = points.reduce(([x, y], [px, py]) => [x + px, y + py] as const, [0, 0] as const);
  return [sum[0] / points.length, sum[1] / points.length];
}

function pixel({ width, data }: PixelImage, [x, y]: Point): [number, number, number] {
  const i = (Math.floor(y) * width + Math.floor(x)) * 3;
  return [data[i]!, data[i + 1]!, data[i + 2]!];
}

const brightness = ([r, g, b]: readonly number[]): number => (r! + g! + b!) / 3;
const redness = ([r, g]: readonly number[]): number => r! / (g! + 1);

const PEOPLE = [0, 3, 5, 8, 11, 14];
/** Light skin, dark hair. */
const FAIR = [0, 15, 18, 19, 21];

describe("a portrait", () => {
  it("is the same picture for the same person, expression and scene", () => {
    const hash = ({ image, landmarks }: Portrait): string =>
      createHash("sha256").update(image.data).update(landmarks).digest("hex");
    const sample = [...planSamples({ ...OPTIONS, identities: { train: 1, validation: 1, test: 1 } })][3]!;
    const first = hash(renderSample(sample, OPTIONS).portrait);
    expect(hash(renderSample(sample, OPTIONS).portrait)).toBe(first);
    expect(hash(renderSample(sample, { ...OPTIONS, seed: 2 }).portrait)).not.toBe(first);
  });

  it("has its box and all landmarks in the picture, the landmarks in the box", () => {
    const options = { ...OPTIONS, identities: { train: 2, validation: 1, test: 1 } };
    for (const sample of planSamples(options)) {
      const { box, landmarks, image } = renderSample(sample, options).portrait;
      expect(image.data).toHaveLength(SIZE * SIZE * 3);
      expect(landmarks).toHaveLength(136);
      expect(box.width).toBe(box.height);
      expect(box.width).toBeGreaterThan(0.3 * SIZE);
      for (let i = 0; i < 136; i += 2) {
        const [x, y] = [landmarks[i]!, landmarks[i + 1]!];
        expect(x).toBeGreaterThanOrEqual(Math.max(0, box.left - 1e-3));
        expect(x).toBeLessThanOrEqual(Math.min(SIZE, box.left + box.width + 1e-3));
        expect(y).toBeGreaterThanOrEqual(Math.max(0, box.top - 1e-3));
        expect(y).toBeLessThanOrEqual(Math.min(SIZE, box.top + box.height + 1e-3));
      }
    }
  });
});

describe("the face box", () => {
  it("holds the landmarks tightly below the brows, and the forehead above them, however the head stands", () => {
    for (const number of PEOPLE) {
      const { portrait } = plain(number, { yaw: 0.2, pitch: 0.1, roll: -0.25 });
      const { left, top, width, height } = portrait.faceBox;
      const points = Array.from({ length: 68 }, (_, i) => mark(portrait, i));
      const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
      expect(left).toBeLessThanOrEqual(Math.min(...xs) + 1e-3);
      expect(left + width).toBeGreaterThanOrEqual(Math.max(...xs) - 1e-3);
      expect(top + height).toBeCloseTo(Math.max(...ys), 3);
      const apart = Math.hypot(
        mark(portrait, 45)[0] - mark(portrait, 36)[0],
        mark(portrait, 45)[1] - mark(portrait, 36)[1],
      );
      expect(Math.min(...ys) - top).toBeGreaterThan(0.2 * apart);
    }
  });

  it("begins where the skin of the forehead ends and the hair begins", () => {
    for (const number of FAIR) {
      const { portrait } = plain(number);
      const x = mark(portrait, 27)[0];
      const { top } = portrait.faceBox;
      const [hair, skin] = [top - 5, top + 5].map((y) => brightness(pixel(portrait.image, [x, y])));
      expect(skin).toBeGreaterThan(1.2 * hair!);
    }
  });
});

describe("landmarks lie on what is drawn", () => {
  it("lips are redder than the skin of the chin", () => {
    for (const number of PEOPLE) {
      const { portrait } = plain(number, { roll: 0.15, yaw: -0.12 });
      const lower = middle([mark(portrait, 57), mark(portrait, 66)]);
      const chin = middle([mark(portrait, 57), mark(portrait, 8)]);
      expect(redness(pixel(portrait.image, lower))).toBeGreaterThan(
        redness(pixel(portrait.image, chin)) * 1.04,
      );
    }
  });

  it("an open mouth is dark somewhere between the inner lips", () => {
    for (const number of PEOPLE) {
      const wide: ActionUnits = { 25: { left: 1, right: 1 }, 26: { left: 1, right: 1 } };
      const { portrait } = plain(number, { roll: -0.1 }, wide);
      const [top, bottom] = [mark(portrait, 62), mark(portrait, 66)];
      const inside = [0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8].map(
        (t): Point => [top[0] + t * (bottom[0] - top[0]), top[1] + t * (bottom[1] - top[1])],
      );
      const chin = middle([mark(portrait, 57), mark(portrait, 8)]);
      expect(Math.min(...inside.map((point) => brightness(pixel(portrait.image, point))))).toBeLessThan(
        0.6 * brightness(pixel(portrait.image, chin)),
      );
    }
  });

  it("pupils are darker than the cheek below them", () => {
    for (const number of PEOPLE) {
      const { portrait } = plain(number, { roll: 0.2, pitch: 0.05 });
      for (const eye of [
        [36, 37, 38, 39, 40, 41],
        [42, 43, 44, 45, 46, 47],
      ]) {
        const pupil = middle(eye.map((i) => mark(portrait, i)));
        const cheek = middle([pupil, mark(portrait, eye[0] === 36 ? 4 : 12), mark(portrait, 33)]);
        expect(brightness(pixel(portrait.image, pupil))).toBeLessThan(
          0.8 * brightness(pixel(portrait.image, cheek)),
        );
      }
    }
  });

  it("brows are darker than the forehead above them", () => {
    for (const number of PEOPLE) {
      const { portrait, person } = plain(number, { roll: -0.2 });
      if (person.skin.depth > 0.7 || person.age > 0.6) continue;
      const up = mark(portrait, 27);
      const down = mark(portrait, 8);
      const length = Math.hypot(down[0] - up[0], down[1] - up[1]);
      for (const i of [19, 20, 23, 24]) {
        const [x, y] = mark(portrait, i);
        const above: Point = [x - (8 * (down[0] - up[0])) / length, y - (8 * (down[1] - up[1])) / length];
        expect(brightness(pixel(portrait.image, [x, y]))).toBeLessThan(
          0.92 * brightness(pixel(portrait.image, above)),
        );
      }
    }
  });

  it("the outline is the edge of the drawn skin", () => {
    for (const [number, yaw] of [
      [0, 0],
      [3, 0.25],
      [5, -0.25],
    ] as const) {
      const person = drawIdentity(1, number);
      const face = faceShape(person, {}, [0, 0]);
      const scale = 90;
      const frame = projection({ yaw, pitch: 0.05, roll: 0.1, scale, x: 200, y: 220 });
      const layers = createFaceLayers(face.head, scale, [0.5, 0.5, 0.5], 1);
      sculpt(layers, face, person);
      const canvas = createCanvas(400, 440);
      drawFace(canvas, layers, layers.albedo, face.head, frame);
      const drawn = ([x, y]: Point): boolean => canvas.depth[Math.floor(y) * 400 + Math.floor(x)]! > -1e8;
      const outline = outlineLandmarks(layers, face.head, frame);
      const [cx, cy] = frame.project(0, 0.7, 0);
      expect(outline).toHaveLength(17);
      for (const [x, y] of outline) {
        const length = Math.hypot(x - cx, y - cy);
        const along = (pixels: number): Point => [
          x + ((x - cx) * pixels) / length,
          y + ((y - cy) * pixels) / length,
        ];
        expect(drawn(along(-2.5))).toBe(true);
        expect(drawn(along(2.5))).toBe(false);
      }
    }
  });
});

describe("landmarks follow the camera", () => {
  it("turn with the picture's roll", () => {
    const upright = plain(3, { roll: 0 });
    const rolled = plain(3, { roll: 0.3 });
    const pivot: Point = [upright.scene.pose.x, upright.scene.pose.y];
    for (let i = 0; i < 68; i++) {
      const [x, y] = turnAbout(mark(upright.portrait, i), pivot, 0.3);
      expect(mark(rolled.portrait, i)[0]).toBeCloseTo(x, 2);
      expect(mark(rolled.portrait, i)[1]).toBeCloseTo(y, 2);
    }
  });

  it("grow with the picture", () => {
    const small = plain(5, { yaw: 0.1 });
    const large = plain(5, { yaw: 0.1 }, {}, 2 * SIZE);
    for (let i = 0; i < 68; i++) {
      expect(Math.abs(mark(large.portrait, i)[0] - 2 * mark(small.portrait, i)[0])).toBeLessThan(1.5);
      expect(Math.abs(mark(large.portrait, i)[1] - 2 * mark(small.portrait, i)[1])).toBeLessThan(1.5);
    }
  });

  it("show more of the near cheek in a turned face", () => {
    const { portrait } = plain(3, { yaw: 0.3 });
    const nose = mark(portrait, 30)[0];
    expect(nose - mark(portrait, 2)[0]).toBeGreaterThan(1.3 * (mark(portrait, 14)[0] - nose));
  });
});
