import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { FerBenchError } from "@fer-bench/artifacts";
import type { Box, PixelImage } from "@fer-bench/datasets";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openLandmarks } from "./open-landmarks.ts";
import { predictLandmarks } from "./predict-landmarks.ts";
import { parseShapePredictor, readShapePredictor } from "./read-shape-predictor.ts";

interface Encoded {
  width: number;
  height: number;
  channels: 1 | 3;
  data: string;
}

interface Fixture {
  made: string;
  pictures: { image: Encoded; faces: { box: [number, number, number, number]; points: number[] }[] }[];
}

const file = fileURLToPath(new URL("../../test/dlib-five-points.dat", import.meta.url));
const bytes = readFileSync(file);
/** Recorded from libdlib by tools/fixtures/dlib_landmarks.ts. */
const fixture = JSON.parse(
  readFileSync(new URL("../../test/dlib-landmarks.json", import.meta.url), "utf8"),
) as Fixture;

const decode = ({ data, ...size }: Encoded): PixelImage => ({
  ...size,
  data: new Uint8Array(Buffer.from(data, "base64")),
});
const boxOf = ([left, top, width, height]: readonly [number, number, number, number]): Box => ({
  left,
  top,
  width,
  height,
});

describe("a shape predictor that libdlib trained", () => {
  it("gives the landmarks that libdlib gives, in grey and colour, also beyond the border", async () => {
    expect(fixture.made).toBe("dlib 19.24.0");
    const { points, find } = await openLandmarks(file);
    expect(points).toBe(5);
    for (const { image, faces } of fixture.pictures) {
      expect(faces).toHaveLength(2);
      for (const { box, points } of faces) expect([...find(decode(image), boxOf(box))]).toEqual(points);
    }
  });

  it("is read whole", () => {
    const { points, meanShape, stages } = parseShapePredictor(bytes, file);
    expect(points).toBe(5);
    expect(stages.map(({ trees }) => [trees.count, trees.nodes])).toEqual([
      [8, 7],
      [8, 7],
      [8, 7],
    ]);
    expect(stages.every(({ anchors, offsets }) => anchors.length === 60 && offsets.length === 120)).toBe(
      true,
    );
    // The nose between the eyes, and below them.
    expect(meanShape[8]!).toBeLessThan(meanShape[0]!);
    expect(meanShape[8]!).toBeGreaterThan(meanShape[4]!);
    expect(meanShape[9]!).toBeGreaterThan(meanShape[1]!);
  });
});

describe("a damaged file", () => {
  const bad = { code: "bad-data", file: "x.dat" };

  it("that is cut off anywhere is refused by its byte", () => {
    for (let length = 0; length < bytes.length; length += 97) {
      expect(() => parseShapePredictor(bytes.subarray(0, length), "x.dat")).toThrow(
        expect.objectContaining(bad),
      );
    }
    expect(() => parseShapePredictor(Buffer.concat([bytes, bytes.subarray(0, 1)]), "x.dat")).toThrow(
      "1 bytes are left over",
    );
  });

  it("with other bytes is refused, or is a predictor that still gives numbers", () => {
    const image: PixelImage = { width: 20, height: 20, channels: 1, data: new Uint8Array(400).fill(90) };
    const change = fc.tuple(fc.nat(bytes.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const damaged = Uint8Array.from(bytes);
        for (const [at, value] of changes) damaged[at] = value;
        try {
          const predictor = parseShapePredictor(damaged, "x.dat");
          const points = predictLandmarks(predictor, image, { left: 2, top: 2, width: 15, height: 15 });
          expect(points).toHaveLength(2 * predictor.points);
        } catch (error) {
          expect(error).toBeInstanceOf(FerBenchError);
          expect(error).toMatchObject(bad);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("of another kind, or none, is refused", async () => {
    expect(() => parseShapePredictor(Buffer.from("BZh91AY&SY"), "x.dat")).toThrow(
      expect.objectContaining({ ...bad, remedy: expect.stringContaining("unpacked from .bz2") }),
    );
    await expect(readShapePredictor("no-such.dat")).rejects.toMatchObject({
      code: "missing",
      file: "no-such.dat",
    });
  });
});

/** Debian's libdlib-data. */
const sixtyEight = "/usr/share/dlib/shape_predictor_68_face_landmarks.dat";

describe("dlib's 68 points", () => {
  const name = "are read from Debian's file";
  if (!existsSync(sixtyEight)) {
    if (process.env.FER_BENCH_REQUIRE === "1") {
      it(name, () => expect.fail(`FER_BENCH_REQUIRE=1, and ${sixtyEight} (libdlib-data) is not there`));
    } else {
      it.skip(`${name} (${sixtyEight} of libdlib-data is not there)`, () => {});
    }
    return;
  }
  it(name, { timeout: 240_000 }, async () => {
    const { points, stages } = await readShapePredictor(sixtyEight);
    expect(points).toBe(68);
    expect(stages.map(({ trees }) => [trees.count, trees.nodes])).toEqual(
      Array.from({ length: 15 }, () => [500, 15]),
    );
  });
});
