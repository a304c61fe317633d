/** Compiles faces.cpp against Debian's dlib, and runs it. */
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { FerBenchError } from "@fer-bench/artifacts";
import type { PixelImage } from "@fer-bench/datasets";

/**
 * Without fused multiply-adds every machine computes the same; with -march=native dlib is as fast as it gets, and cuts
 * off other pixels where a sum comes out a hair's breadth lower.
 */
export const BUILDS = {
  portable: ["-O2", "-ffp-contract=off"],
  native: ["-O3", "-march=native"],
} as const;

export type Build = keyof typeof BUILDS;

/** Left, top, width, height, score, filter. */
export type DlibFace = readonly [number, number, number, number, number, number];

export interface DlibAnswer {
  /** Processor time. */
  readonly cpuSeconds: number;
  readonly faces: readonly DlibFace[];
}

const source = fileURLToPath(new URL("faces.cpp", import.meta.url));
const folder = fileURLToPath(new URL("../../node_modules/.cache/fer-bench-dlib", import.meta.url));
const LIBRARIES = ["-ldlib", "-llapack", "-lblas"];

/** The program's path; compiled anew where its source is newer. */
export function compileDlib(build: Build): string {
  mkdirSync(folder, { recursive: true });
  const program = join(folder, build);
  const made = statSync(program, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (made > statSync(source).mtimeMs) return program;
  const flags = ["-std=c++17", ...BUILDS[build], source, ...LIBRARIES, "-o", program];
  const { status, stderr, error } = spawnSync("g++", flags, { encoding: "utf8" });
  if (status === 0) return program;
  throw new FerBenchError("unavailable", `dlib's detector could not be compiled: ${error ?? stderr}`, {
    file: source,
    remedy: "Install a C++ compiler and dlib; on Debian: apt-get install g++ libdlib-dev libopenblas-dev.",
  });
}

/** What the program prints for arguments and pictures. */
export function runDlib(program: string, commands: readonly string[], images: readonly PixelImage[]): string {
  const input = Buffer.concat(images.map(netpbm));
  const { status, stdout, stderr } = spawnSync(program, commands, { input, maxBuffer: 2 ** 30 });
  if (status !== 0) throw new FerBenchError("internal", `${program} ${commands.join(" ")}: ${stderr}`);
  return stdout.toString("utf8");
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
      child.stdin.write(netpbm(image));
      const { value, done } = await lines.next();
      if (done) throw new FerBenchError("internal", "dlib's program ended early");
      return JSON.parse(value);
    },
    close(): void {
      child.stdin.end();
    },
  };
}

/** Binary netpbm: P5 grey, P6 RGB. */
export function netpbm({ width, height, channels, data }: PixelImage): Buffer {
  return Buffer.concat([Buffer.from(`P${channels === 3 ? 6 : 5}\n${width} ${height}\n255\n`), data]);
}
