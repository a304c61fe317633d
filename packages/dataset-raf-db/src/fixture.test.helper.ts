import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { renderFace } from "@fer-bench/dataset-synthetic";
import sharp from "sharp";
import { LABELS } from "./facts.ts";

/** Images of each label. */
const SPLITS = { train: 5, test: 1 } as const;

const faces = new Map<string, ReturnType<typeof renderFace>>();

/** Rendered once, however many copies are written. */
function faceOf(person: number, code: number): ReturnType<typeof renderFace> {
  const key = `${person}-${code}`;
  const face = faces.get(key) ?? renderFace(person, LABELS[code]!, 100);
  faces.set(key, face);
  return face;
}

/** The basic set as it is handed out, in small: five rendered training faces of each label, and one to test. */
export async function writeRafDb(dir: string, { originals = true } = {}): Promise<string> {
  const write = async (path: string, bytes: string | Buffer): Promise<void> => {
    await mkdir(dirname(join(dir, path)), { recursive: true });
    await writeFile(join(dir, path), bytes);
  };
  const lines: string[] = [];
  for (const [split, count] of Object.entries(SPLITS)) {
    for (let i = 0; i < 7 * count; i++) {
      const name = `${split}_${String(i + 1).padStart(5, "0")}`;
      const code = (i % 7) + 1;
      lines.push(`${name}.jpg ${code}`);
      const { image, box, landmarks } = faceOf(i + 100 * count, code);
      const raw = { width: 100, height: 100, channels: image.channels };
      const jpeg = await sharp(image.data, { raw }).jpeg().toBuffer();
      await write(`basic/Image/aligned/${name}_aligned.jpg`, jpeg);
      if (!originals) continue;
      const border = { top: 20, bottom: 20, left: 40, right: 40 };
      await write(
        `basic/Image/original/${name}.jpg`,
        await sharp(image.data, { raw }).extend(border).jpeg().toBuffer(),
      );
      // iBUG's points 37, 46, 31, 49 and 55 stand for eyes, nose and mouth.
      const points = [36, 45, 30, 48, 54].map(
        (p) => `${landmarks[2 * p]! + 40}\t${landmarks[2 * p + 1]! + 20}`,
      );
      await write(`basic/Annotation/manual/${name}_manu_attri.txt`, `${points.join("\n")}\n1\n0\n2\n`);
      const corners = [box.left + 40, box.top + 20, box.left + box.width + 40, box.top + box.height + 20];
      await write(`basic/Annotation/boundingbox/${name}_boundingbox.txt`, `${corners.join(" ")} \n`);
    }
  }
  await write("basic/EmoLabel/list_patition_label.txt", `${lines.join("\n")}\n`);
  return dir;
}
