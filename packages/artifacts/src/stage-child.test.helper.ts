/**
 * Runs one stage as a process of its own: `node ... stage-child.test.helper.ts <folder> <text> [hang]`.
 * With `hang` it writes a part, says so, and never ends.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runStage } from "./stage.ts";

const [dir, text, hang] = process.argv.slice(2) as [string, string, string | undefined];
await runStage({ stage: "prepare", dir, config: {} }, async (out) => {
  await writeFile(join(out, "first.txt"), text);
  process.stdout.write("half\n");
  if (hang) await new Promise((resolve) => setTimeout(resolve, 600_000));
  await writeFile(join(out, "second.txt"), text);
});
