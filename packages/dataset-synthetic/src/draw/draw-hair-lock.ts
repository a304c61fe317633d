import { createRandom, uniform } from "@fer-bench/artifacts";
import { luminance, scaleRgb } from "../base/colour.ts";
import { clamp, curveThrough, lerp } from "../base/math.ts";
import type { Identity } from "../identity.ts";
import type { Projection } from "./camera.ts";
import type { Canvas } from "./canvas.ts";
import type { Light } from "./light.ts";
import { drawTube } from "./tube.ts";

/** A lock of hair that falls over one side of the forehead and past the eye. */
export function drawHairLock(
  canvas: Canvas,
  { side, reach }: { readonly side: number; readonly reach: number },
  person: Identity,
  frame: Projection,
  light: Light,
  seed: number,
): void {
  const random = createRandom(seed, "lock");
  const level = 0.85 * luminance(light.keyColour) * clamp(light.key[2]) + 0.8 * luminance(light.sky);
  const [px, py] = frame.project(0, 0, 0.3);
  const [qx, qy] = frame.project(0, 1, 0.3);
  const unit = Math.hypot(qx - px, qy - py);
  const out = lerp(0.72, 0.5, reach);
  const strands = 26;
  for (let i = 0; i < strands; i++) {
    // Strands start side by side on the hairline and gather towards the end.
    const share = (i + random.next()) / strands;
    const spread = share - 0.5;
    const spine = curveThrough(
      [
        [side * lerp(-0.05, 0.66, share), person.head.hairline - 0.03 + 0.2 * share * share],
        [side * (out - 0.12 + 0.4 * spread), -0.52],
        [side * (out + 0.1 + 0.26 * spread), 0.02],
        [side * (out + 0.2 + 0.1 * spread), lerp(0.4, 0.75, reach) + uniform(random, -0.2, 0.05)],
      ],
      5,
    );
    const path = spine.map(([x, y]) => frame.project(x, y, 0.34 - 0.42 * x * x));
    const colour = scaleRgb(person.hair.colour, level * uniform(random, 0.55, 1.35));
    drawTube(canvas, path, (t) => (0.026 * (1 - 0.75 * t ** 2) + 0.003) * unit, colour, { opacity: 0.85 });
  }
}
