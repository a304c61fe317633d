import { chipTransform } from "./face-chip.ts";
import type { LocatedFace } from "./located-face.ts";
import { FONT, GREY, text } from "./sheet-text.ts";
import type { SourceExample } from "./source-examples.ts";

/* What is drawn on pictures as they came: the detector's box, its score, landmarks, and what becomes the chip. */

const BOX = "#ffd400";
const CHIP = "#00d5ff";
const POINT = "#ff3d6b";

/** What the colours mean, in a line from (left, y) on. */
export function drawLegend(left: number, y: number): string {
  let x = left;
  const entry = (symbol: string, words: string): string => {
    const drawn = `<g transform="translate(${x} ${y})">${symbol}</g>${text(x + 20, y + 5, 12, 400, GREY, words)}`;
    x += 44 + 7.2 * words.length;
    return drawn;
  };
  const square = (colour: string, dashes: string): string =>
    `<rect x="0" y="-6" width="12" height="12" fill="${GREY}" stroke="${colour}" stroke-width="2"${dashes}/>`;
  return (
    entry(square(BOX, ""), "the detector's box and score") +
    entry(`<circle cx="6" cy="0" r="3" fill="${POINT}" stroke="#fff"/>`, "landmarks") +
    entry(square(CHIP, ' stroke-dasharray="4 2"'), "what becomes the chip")
  );
}

/** The faces of a picture that lies at (left, top) in its square of `side` pixels, and the score of the surest. */
export function drawFaces({ scale, faces }: SourceExample, left: number, top: number, side: number): string {
  const inner = faces
    .filter(({ detected }) => detected !== undefined)
    .map((face) => drawFace(face, scale))
    .join("");
  const [{ score } = {}] = faces;
  const caption =
    score === undefined
      ? ""
      : `<text x="5" y="${side - 6}" font-family="${FONT}" font-size="11" font-weight="600" fill="#fff" stroke="#000" stroke-width="2.5" stroke-linejoin="round" paint-order="stroke">${score.toFixed(2)}</text>`;
  return `<g transform="translate(${left} ${top})">${inner}</g>${caption}`;
}

function drawFace(face: LocatedFace, scale: number): string {
  const { detected, landmarks = new Float32Array() } = face;
  // A pixel's centre is half a pixel from its edge.
  const at = (position: number): string => ((position + 0.5) * scale).toFixed(1);
  const [a, b, c, d, e, f] = chipTransform(face, 1);
  const corners = [
    [-0.5, -0.5],
    [0.5, -0.5],
    [0.5, 0.5],
    [-0.5, 0.5],
  ].map(([x, y]) => `${at(a * x! + b * y! + c)},${at(d * x! + e * y! + f)}`);
  const radius = landmarks.length > 20 ? 1 : 2;
  const points = Array.from(
    { length: landmarks.length / 2 },
    (_, i) =>
      `<circle cx="${at(landmarks[2 * i]!)}" cy="${at(landmarks[2 * i + 1]!)}" r="${radius}" fill="${POINT}" stroke="#fff" stroke-width="0.6"/>`,
  );
  const box = detected!;
  return `<rect x="${(box.left * scale).toFixed(1)}" y="${(box.top * scale).toFixed(1)}" width="${(box.width * scale).toFixed(1)}" height="${(box.height * scale).toFixed(1)}" fill="none" stroke="${BOX}" stroke-width="1.5"/><polygon points="${corners.join(" ")}" fill="none" stroke="${CHIP}" stroke-width="1.5" stroke-dasharray="5 3"/>${points.join("")}`;
}
