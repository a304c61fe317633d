#!/usr/bin/env node
// In the monorepo the sources run as they are; an installed package runs what was built.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const source = fileURLToPath(new URL("../src/main.ts", import.meta.url));
const program = existsSync(source)
  ? ["--conditions=@fer-bench/source", "--import", import.meta.resolve("tsx"), source]
  : [fileURLToPath(new URL("../dist/main.js", import.meta.url))];
const child = spawn(process.execPath, [...program, ...process.argv.slice(2)], { stdio: "inherit" });

// The first signal lets it stop in order. It may be deep in a computation: a later one ends it from here. What comes
// within half a second is the same keypress, which a terminal gives to both.
let first;
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.on(signal, () => {
    first ??= performance.now();
    child.kill(performance.now() - first > 500 ? "SIGKILL" : signal);
  });
}
child.on("exit", (code, signal) => {
  if (signal === null) process.exit(code ?? 1);
  if (first !== undefined) process.exit(130);
  process.kill(process.pid, signal);
});
