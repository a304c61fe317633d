import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Portrait, renderFace } from "@fer-bench/dataset-synthetic";
import { decodeImage, type PixelImage } from "@fer-bench/datasets";
import { createClassifier, lowerClassifier, shippedClassifier } from "@fer-bench/models";
import { encodePng } from "@fer-bench/preprocess";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SHIPPED } from "../open-any-classifier.ts";

const main = fileURLToPath(new URL("../main.ts", import.meta.url));
/** No workspace is here. */
const root = mkdtempSync(join(tmpdir(), "fer-bench-photographs-"));
const at = (...path: string[]): string => join(root, ...path);

const SIZE = 200;
const portraits: Readonly<Record<string, Portrait>> = {
  angry: renderFace(3, "angry", SIZE),
  happy: renderFace(4, "happy", SIZE),
};

beforeAll(async () => {
  mkdirSync(at("photos/more"), { recursive: true });
  for (const [name, { image }] of Object.entries(portraits)) {
    writeFileSync(at(`photos/${name}.png`), await encodePng(image));
  }
  const both = sideBySide(portraits.angry!.image, portraits.happy!.image);
  writeFileSync(at("photos/more/both.png"), await encodePng(both));
  const blank: PixelImage = { width: 90, height: 60, channels: 1, data: new Uint8Array(5400).fill(140) };
  writeFileSync(at("photos/more/blank.png"), await encodePng(blank));
  writeFileSync(at("photos/broken.jpg"), "no photograph");
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

function sideBySide(a: PixelImage, b: PixelImage): PixelImage {
  const data = new Uint8Array(a.data.length + b.data.length);
  const row = 3 * SIZE;
  for (let y = 0; y < SIZE; y++) {
    data.set(a.data.subarray(y * row, (y + 1) * row), 2 * y * row);
    data.set(b.data.subarray(y * row, (y + 1) * row), (2 * y + 1) * row);
  }
  return { width: 2 * SIZE, height: SIZE, channels: 3, data };
}

interface Face {
  face: number;
  box: { left: number; top: number; width: number; height: number };
  score: number | null;
  found: string;
  landmarks: [number, number][];
  chip: { file?: string; roll: number };
  label: string;
  probability: number;
  probabilities: Record<string, number>;
}
interface Answer {
  photograph: string;
  width: number;
  height: number;
  faces: Face[];
  annotated?: string;
  error?: { code: string; message: string; remedy: string };
}

function ferBench(...args: string[]): { status: number | null; stderr: string; stdout: string } {
  const flags = ["--conditions=@fer-bench/source", "--import", import.meta.resolve("tsx")];
  const run = spawnSync(process.execPath, [...flags, main, ...args], {
    encoding: "utf8",
    cwd: root,
    env: { ...process.env, FER_BENCH_OFFLINE: "1" },
  });
  return { status: run.status, stderr: run.stderr, stdout: run.stdout };
}

/** The portrait's own truth: how far the outer corners of the eyes are off, in shares of their distance. */
function eyesOff({ landmarks }: Face, { landmarks: truth }: Portrait, left = 0): number {
  // dlib's points 0 and 2 are iBUG's 45 and 36; the portrait's pixel centres are at halves.
  const corner = (i: number): [number, number] => [truth[2 * i]! - 0.5 + left, truth[2 * i + 1]! - 0.5];
  const [one, other] = [corner(45), corner(36)];
  const apart = Math.hypot(one[0] - other[0], one[1] - other[1]);
  const off = (point: [number, number], to: [number, number]) =>
    Math.hypot(point[0] - to[0], point[1] - to[1]) / apart;
  return Math.max(off(landmarks[0]!, one), off(landmarks[2]!, other));
}

describe("faces", () => {
  test("finds the faces of a folder's photographs where they are, and goes on after a damaged file", async () => {
    const { status, stdout, stderr } = ferBench("faces", "photos", "--json", "--out", "found");
    expect(status).toBe(65);
    expect(stderr).toMatch(
      /^error: not a photograph that can be read: .*\n {2}file: {3}photos\/broken\.jpg$/m,
    );
    expect(stderr).toMatch(/^faces: 5 photographs in /m);
    expect(stderr).toMatch(/^no face in 1 photograph: --upsample 2 /m);
    expect(stderr).toMatch(/^error: 1 of 5 photographs was left out$/m);
    const answers = JSON.parse(stdout) as Answer[];
    const names = ["angry.png", "broken.jpg", "happy.png", "more/blank.png", "more/both.png"];
    expect(answers.map(({ photograph }) => photograph)).toEqual(names.map((name) => join("photos", name)));
    const [angry, broken, happy, blank, both] = answers as [Answer, Answer, Answer, Answer, Answer];
    expect(broken.error).toMatchObject({ code: "bad-data", remedy: expect.stringContaining("original") });
    expect(blank).toMatchObject({ width: 90, height: 60, faces: [] });
    expect(both.faces).toHaveLength(2);
    const byPlace = [...both.faces].sort((a, b) => a.box.left - b.box.left);
    for (const [face, portrait, left] of [
      [angry.faces[0]!, portraits.angry!, 0],
      [happy.faces[0]!, portraits.happy!, 0],
      [byPlace[0]!, portraits.angry!, 0],
      [byPlace[1]!, portraits.happy!, SIZE],
    ] as const) {
      expect(eyesOff(face, portrait, left)).toBeLessThan(0.1);
      expect(face.score).toBeGreaterThan(0);
      expect(face.found).toBe("detected");
    }

    expect(readdirSync(at("found"), { recursive: true }).map(String).sort()).toEqual(
      [
        ...["angry.face-1.png", "angry.faces.jpg", "happy.face-1.png", "happy.faces.jpg", "more"],
        ...["more/blank.faces.jpg", "more/both.face-1.png", "more/both.face-2.png", "more/both.faces.jpg"],
      ].map((name) => join(name)),
    );
    const chip = await decodeImage(readFileSync(at(angry.faces[0]!.chip.file!)), "chip");
    expect([chip.width, chip.height, chip.channels]).toEqual([48, 48, 3]);
    const drawn = await decodeImage(readFileSync(at(angry.annotated!)), "annotated");
    expect([drawn.width, drawn.height]).toEqual([4 * SIZE, 4 * SIZE]);
  });

  test("says it in lines, with the settings that were asked for", async () => {
    const { status, stdout } = ferBench(
      ...["faces", "photos/happy.png", "--size", "64", "--padding", "0", "--out", "large", "--quiet"],
    );
    expect(status).toBe(0);
    expect(stdout).toMatch(
      /^photos\/happy\.png: 1 face {2}-> {2}large\/happy\.faces\.jpg\n {2}1 {2}score \d\.\d{3} {2}\d+ x \d+ at \d+, \d+ {2}detected\n {5}(\([\d.]+, [\d.]+\) ?){5}\n$/,
    );
    const chip = await decodeImage(readFileSync(at("large/happy.face-1.png")), "chip");
    expect([chip.width, chip.height]).toEqual([64, 64]);
  });

  test("says what is wrong before it begins", () => {
    for (const [args, code, saying] of [
      [[], 64, /missing required argument 'photographs'/],
      [["photos/happy.png", "--upsample", "-1"], 64, /a whole number from 0 to 2 expected/],
      [["photos/happy.png", "--landmarks", "none.dat"], 66, /none\.dat/],
      [["photos/none.jpg"], 66, /cannot be read: ENOENT/],
    ] as const) {
      const { status, stderr, stdout } = ferBench("faces", ...args);
      expect([args, status, stderr]).toEqual([args, code, expect.stringMatching(saying)]);
      expect(stdout).toBe("");
      expect(stderr).not.toContain("a fault of fer-bench itself");
    }
  });
});

describe("predict", () => {
  test("names each face by the chip that it writes, whose pixels the classifier was given", async () => {
    const { status, stdout } = ferBench("--json", "predict", "photos/more/both.png", "--out", "named");
    expect(status).toBe(0);
    const [answer] = JSON.parse(stdout) as [Answer];
    expect(answer.faces).toHaveLength(2);
    expect(existsSync(at(answer.annotated!))).toBe(true);
    const classifier = await createClassifier((await shippedClassifier(SHIPPED))!, { threads: 1 });
    for (const { chip, label, probability, probabilities } of answer.faces) {
      const { width, height, channels, data } = await decodeImage(readFileSync(at(chip.file!)), "chip");
      expect([width, height, channels]).toEqual([48, 48, 1]);
      const [expected] = await classifier.classify(data);
      expect(label).toBe(expected!.label);
      expect(probability).toBeCloseTo(expected!.probability, 4);
      expect(Object.keys(probabilities)).toEqual(classifier.classes);
      Object.values(probabilities).forEach((share, i) => {
        expect(share).toBeCloseTo(expected!.probabilities[i]!, 4);
      });
    }
    await classifier.close();
  });

  test("takes a classifier from a file that was exported", async () => {
    writeFileSync(at("mine.onnx"), lowerClassifier((await shippedClassifier(SHIPPED))!));
    const mine = ferBench("--json", "predict", "photos/happy.png", "--model", "mine.onnx");
    expect([mine.status, mine.stderr]).toEqual([0, expect.stringMatching(/^classifier: mine\.onnx \(/)]);
    const [face] = (JSON.parse(mine.stdout) as [Answer])[0].faces;
    const [shipped] = (JSON.parse(ferBench("--json", "predict", "photos/happy.png").stdout) as [Answer])[0]
      .faces;
    expect([face!.label, face!.box, face!.chip]).toEqual([shipped!.label, shipped!.box, shipped!.chip]);
    for (const [name, share] of Object.entries(face!.probabilities)) {
      expect(share).toBeCloseTo(shipped!.probabilities[name]!, 3);
    }
  });

  test("writes a row a face as comma-separated values, and a row where there is none", () => {
    const { status, stdout } = ferBench(
      "-q",
      "predict",
      "photos/happy.png",
      "photos/more/blank.png",
      "--csv",
    );
    expect(status).toBe(0);
    const [heading, happy, blank] = stdout.trimEnd().split("\n");
    const columns = heading!.split(",");
    expect(columns.slice(0, 4)).toEqual(["photograph", "face", "label", "probability"]);
    expect(columns.slice(-7)).toEqual(["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"]);
    const fields = happy!.split(",");
    expect(fields).toHaveLength(columns.length);
    const shares = fields.slice(-7).map(Number);
    expect(shares.reduce((a, b) => a + b)).toBeCloseTo(1, 3);
    expect(fields[columns.indexOf(fields[2]!)]).toBe(fields[3]);
    expect(blank).toBe(`photos/more/blank.png,,,,none${",".repeat(columns.length - 5)}`);
  });

  test("says where no face was found and what to do, or takes the whole picture for one", () => {
    const none = ferBench("predict", "photos/more/blank.png");
    expect(none).toMatchObject({ status: 0, stdout: "photos/more/blank.png: no face found\n" });
    expect(none.stderr).toMatch(/no face in 1 photograph: --upsample 2 .* --threshold .* --if-none whole /);
    const whole = ferBench("predict", "photos/more/blank.png", "--if-none", "whole");
    expect(whole.stdout).toMatch(
      /^photos\/more\/blank\.png: 1 face\n {2}1 {2}\w+ [\d.]+% .* the whole picture\n$/,
    );
  });
});

test("help shows how it is done", () => {
  for (const command of ["faces", "predict"]) {
    const { status, stdout } = ferBench(command, "--help");
    expect(status).toBe(0);
    expect(stdout).toContain(`Examples:\n  fer-bench ${command} portrait.jpg`);
    expect(stdout).toMatch(/Exit status: 0 every photograph was read/);
  }
});
