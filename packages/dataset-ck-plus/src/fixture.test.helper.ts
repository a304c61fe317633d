import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type Portrait, renderFace } from "@fer-bench/dataset-synthetic";
import { createTarWriter, isCanonical } from "@fer-bench/datasets";
import sharp from "sharp";
import { EMOTIONS } from "./facts.ts";

/** CK+'s own names: subjects by number, with the emotion of each of their sequences; null has no Emotion file. */
export const PEOPLE: Readonly<Record<string, readonly (number | null)[]>> = {
  S005: [3, null],
  S010: [1, 5, 7],
  S011: [4, 7],
  S014: [5, 6],
  S022: [3],
  S026: [1, null],
  S032: [6],
  S037: [2],
};

type Write = (path: string, bytes: Buffer) => Promise<void>;

/** Every file of the distribution in small, one after the other: sequences of five frames of 64x48, a face in each. */
async function writeAll(write: Write): Promise<void> {
  for (const [subject, sequences] of Object.entries(PEOPLE)) {
    for (const [i, emotion] of sequences.entries()) {
      const sequence = String(i + 1).padStart(3, "0");
      const name = `${subject}_${sequence}`;
      const folder = `${subject}/${sequence}`;
      // Frames need not begin at 1, and CK+ has an empty folder where there is no emotion.
      for (let n = 0; n < 5; n++) {
        const frame = `${name}_${String(9 + n).padStart(8, "0")}`;
        const { png, landmarks } = await pictureOf(Number(subject.slice(1)), emotion ?? 0, n);
        await write(`cohn-kanade-images/${folder}/${frame}.png`, png);
        const lines = Array.from({ length: 68 }, (_, p) => [landmarks[2 * p]! + 8, landmarks[2 * p + 1]!]);
        await write(`Landmarks/${folder}/${frame}_landmarks.txt`, asLines(lines));
      }
      const peak = `${name}_00000013`;
      await write(
        `FACS/${folder}/${peak}_facs.txt`,
        asLines([
          [1, 3],
          [25, 0],
        ]),
      );
      if (emotion !== null) await write(`Emotion/${folder}/${peak}_emotion.txt`, asLines([[emotion]]));
    }
  }
}

const faces = new Map<string, Portrait>();

/** A person's face, rendered once. Contempt has no rendering of its own: disgust stands for it. */
function faceOf(person: number, emotion: number): Portrait {
  const expression = EMOTIONS[emotion]!;
  const key = `${person}-${expression}`;
  const face = faces.get(key) ?? renderFace(person, isCanonical(expression) ? expression : "disgust", 48);
  faces.set(key, face);
  return face;
}

interface Frame {
  readonly png: Buffer;
  readonly landmarks: Float32Array;
}

const frames = new Map<string, Promise<Frame>>();

/** Frame `n` of 0 to 4, from the neutral face to the peak by degrees; drawn once, however many copies are written. */
function pictureOf(person: number, emotion: number, n: number): Promise<Frame> {
  const key = `${person}-${emotion}-${n}`;
  const frame = frames.get(key) ?? drawFrame(person, emotion, n);
  frames.set(key, frame);
  return frame;
}

async function drawFrame(person: number, emotion: number, n: number): Promise<Frame> {
  const [from, to] = [faceOf(person, 0), faceOf(person, emotion)];
  const between = (a: number, b: number): number => a + ((b - a) * n) / 4;
  const pixels = Uint8Array.from(to.image.data, (value, i) => between(from.image.data[i]!, value));
  const raw = { width: 48, height: 48, channels: to.image.channels };
  const wide = sharp(pixels, { raw }).extend({ left: 8, right: 8 }).toColourspace("b-w");
  const landmarks = to.landmarks.map((value, i) => between(from.landmarks[i]!, value));
  return { png: await wide.png().toBuffer(), landmarks };
}

/** As CK+ writes numbers: `   3.0000000e+00`. */
function asLines(rows: readonly (readonly number[])[]): Buffer {
  const number = (value: number): string => {
    const [digits, exponent] = value.toExponential(7).split("e") as [string, string];
    return `   ${digits}e${exponent[0]}${exponent.slice(1).padStart(2, "0")}`;
  };
  return Buffer.from(`${rows.map((row) => row.map(number).join("")).join("\n")}\n`);
}

async function writeFileAt(dir: string, path: string, bytes: Buffer): Promise<void> {
  await mkdir(dirname(join(dir, path)), { recursive: true });
  await writeFile(join(dir, path), bytes);
}

/** The distribution unpacked. */
export async function writeCkPlus(dir: string, leaveOut?: RegExp): Promise<string> {
  await writeAll(async (path, bytes) => {
    if (!leaveOut?.test(path)) await writeFileAt(dir, path, bytes);
  });
  await mkdir(join(dir, "Emotion/S005/002"), { recursive: true });
  return dir;
}

/** The distribution in an archive for each of its four folders. */
export async function writeCkPlusArchives(dir: string): Promise<string> {
  await mkdir(dir, { recursive: true });
  const names = ["cohn-kanade-images", "Emotion", "Landmarks", "FACS"];
  const archives = new Map(names.map((name) => [name, createTarWriter(join(dir, `${name}.tar`))]));
  await writeAll(async (path, bytes) => archives.get(path.split("/")[0]!)!.add(path, bytes));
  for (const archive of archives.values()) await archive.close();
  return dir;
}

/** The last three frames of each labelled sequence as 48x48 faces in class folders. */
export async function writeFaces48(dir: string): Promise<string> {
  const folders = ["neutral", "anger", "contempt", "disgust", "fear", "happy", "sadness", "surprise"];
  for (const [subject, sequences] of Object.entries(PEOPLE)) {
    for (const [i, emotion] of sequences.entries()) {
      if (emotion === null) continue;
      for (const n of [2, 3, 4]) {
        const { png } = await pictureOf(Number(subject.slice(1)), emotion, n);
        const face = await sharp(png).extract({ left: 8, top: 0, width: 48, height: 48 }).png().toBuffer();
        const frame = `${subject}_${String(i + 1).padStart(3, "0")}_${String(9 + n).padStart(8, "0")}`;
        await writeFileAt(dir, `CK+48/${folders[emotion]}/${frame}.png`, face);
      }
    }
  }
  return dir;
}
