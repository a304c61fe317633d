import { mergeConfig } from "vitest/config";
import shared from "../../vitest.config.ts";

/** What takes a Slurm to run: `npm run test:slurm`. */
export default mergeConfig(
  { ...shared, test: { ...shared.test, include: [] } },
  { test: { include: ["tools/slurm/*.slurm-test.ts"], testTimeout: 3_600_000, hookTimeout: 300_000 } },
);
