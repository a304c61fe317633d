import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { sha256 } from "@fer-bench/artifacts";

/** Compiling dlib's templates takes a while: what was built stays. */
const BUILT = fileURLToPath(new URL("../../node_modules/.cache/fer-bench-dlib", import.meta.url));

/** A program of this folder that is built on libdlib (Debian's libdlib-dev), compiled once. */
export function buildDlibProgram(name: "dlib_landmarks" | "train_landmarks"): string {
  const [source, header] = [`${name}.cpp`, "picture_stream.h"].map((file) =>
    fileURLToPath(new URL(file, import.meta.url)),
  ) as [string, string];
  const version = sha256(Buffer.concat([readFileSync(source), readFileSync(header)])).slice(0, 12);
  const program = join(BUILT, `${name}-${version}`);
  if (!existsSync(program)) {
    mkdirSync(BUILT, { recursive: true });
    const libraries = ["-ldlib", "-llapack", "-lblas", "-lpthread"];
    execFileSync("g++", ["-O2", "-o", program, source, ...libraries], { stdio: "inherit" });
  }
  return program;
}

/** What it prints, given these pictures. */
export function runDlibProgram(program: string, args: readonly string[], input: Uint8Array): string {
  return execFileSync(program, args, { input, encoding: "utf8", maxBuffer: 2 ** 28 });
}
