/** Compiles the programs of this folder against Debian's dlib, and runs them. */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { FerBenchError, sha256 } from "@fer-bench/artifacts";
import type { PixelImage } from "@fer-bench/datasets";
import { encodeRecord } from "./picture-stream.ts";

/**
 * Without fused multiply-adds every machine computes the same; with -march=native dlib is as fast as it gets, and cuts
 * off other pixels where a sum comes out a hair's breadth lower.
 */
export const BUILDS = {
  portable: ["-O2", "-ffp-contract=off"],
  native: ["-O3", "-march=native"],
} as const;

export type Build = keyof typeof BUILDS;

/** faces.cpp answers; train_landmarks.cpp trains a shape predictor. */
export type DlibProgram = "faces" | "train_landmarks";

/** Left, top, width, height, score, filter. */
export type DlibFace = readonly [number, number, number, number, number, number];

/** What `faces detect` says of a picture. */
export interface DlibAnswer {
  /** Processor time. */
  readonly cpuSeconds: number;
  readonly faces: readonly DlibFace[];
}

/** A face of what `faces landmarks FILE` says of a picture. */
export interface DlibLandmarks {
  readonly box: readonly [left: number, top: number, width: number, height: number];
  /** 0 where the box was given. */
  readonly score: number;
  /** x0, y0, x1, y1 ... */
  readonly points: number[];
}

/** The landmarks of Debian's libdlib-data. */
export const DEBIAN_LANDMARKS = "/usr/share/dlib/shape_predictor_68_face_landmarks.dat";

const folder = fileURLToPath(new URL("../../node_modules/.cache/fer-bench-dlib", import.meta.url));
const LIBRARIES = ["-ldlib", "-llapack", "-lblas", "-lpthread"];

/** The program's path. Compiling dlib's templates takes a while: what was built stays until its source changes. */
export function compileDlib(build: Build, name: DlibProgram = "faces"): string {
  const [source, header] = [`${name}.cpp`, "picture_stream.h"].map((file) =>
    fileURLToPath(new URL(file, import.meta.url)),
  ) as [string, string];
  const version = sha256(Buffer.concat([readFileSync(source), readFileSync(header)])).slice(0, 12);
  const program = join(folder, `${name}-${build}-${version}`);
  if (existsSync(program)) return program;
  mkdirSync(folder, { recursive: true });
  const flags = ["-std=c++17", ...BUILDS[build], source, ...LIBRARIES, "-o", program];
  const { status, stderr, error } = spawnSync("g++", flags, { encoding: "utf8" });
  if (status === 0) return program;
  throw new FerBenchError("unavailable", `dlib's ${name} could not be compiled: ${error ?? stderr}`, {
    file: source,
    remedy: "Install a C++ compiler and dlib; on Debian: apt-get install g++ libdlib-dev libopenblas-dev.",
  });
}

/** What a program prints for arguments and pictures (`encodeRecord`). */
export function runDlib(
  program: string,
  commands: readonly string[],
  records: readonly Uint8Array[],
): string {
  const input = Buffer.concat(records);
  const { status, stdout, stderr } = spawnSync(program, commands, { input, maxBuffer: 2 ** 30 });
  if (status !== 0) throw new FerBenchError("internal", `${program} ${commands.join(" ")}: ${stderr}`);
  return stdout.toString("utf8");
}

/** Its lines of JSON. */
export function dlibAnswers<Answer>(
  program: string,
  commands: readonly string[],
  records: readonly Uint8Array[],
): Answer[] {
  const text = runDlib(program, commands, records).trim();
  return text === "" ? [] : text.split("\n").map((line) => JSON.parse(line) as Answer);
}

/** A process that answers picture after picture, on one thread; `commands` are the program's arguments. */
export function startDlib<Answer>(build: Build, commands: readonly (string | number)[]) {
  const child = spawn(compileDlib(build), commands.map(String), {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, OPENBLAS_NUM_THREADS: "1" },
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async ask(image: PixelImage): Promise<Answer> {
      child.stdin.write(encodeRecord(image));
      const { value, done } = await lines.next();
      if (done) throw new FerBenchError("internal", "dlib's program ended early");
      return JSON.parse(value);
    },
    close(): void {
      child.stdin.end();
    },
  };
}
