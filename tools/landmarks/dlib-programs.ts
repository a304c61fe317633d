import { execFileSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** A program of this folder that is built on libdlib (Debian's libdlib-dev), compiled now. */
export function buildDlibProgram(name: "dlib_landmarks" | "train_landmarks"): string {
  const program = join(mkdtempSync(join(tmpdir(), "fer-bench-dlib-")), name);
  const source = fileURLToPath(new URL(`${name}.cpp`, import.meta.url));
  execFileSync("g++", ["-O2", "-o", program, source, "-ldlib", "-llapack", "-lblas", "-lpthread"], { stdio: "inherit" });
  return program;
}

/** What it prints, given these pictures. */
export function runDlibProgram(program: string, args: readonly string[], input: Uint8Array): string {
  return execFileSync(program, args, { input, encoding: "utf8", maxBuffer: 2 ** 28 });
}
