import { defineConfig } from "vitest/config";

/** Packages are tested from their sources: the condition is the one in each package's `exports`. */
const conditions = ["@fer-bench/source", "module", "node", "development|production"];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ["packages/*/src/**/*.test.ts", "tools/**/*.test.ts", "benchmarks/**/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: "forks",
    maxWorkers: 2,
    execArgv: ["--conditions=@fer-bench/source"],
  },
});
