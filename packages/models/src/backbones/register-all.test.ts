import { execFile } from "node:child_process";
import { cp, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";

const MY_NET = `
import type { Graph } from "../graph/graph.ts";
import { GraphBuilder } from "../graph/graph-builder.ts";
import { ONES } from "../graph/initializers.ts";
import { rgbInput } from "../graph/picture-input.ts";
import type { PictureShape } from "./backbone.ts";
import { registerBackbone } from "./registry.ts";

function myNet(input: PictureShape): Graph {
  const net = new GraphBuilder({ initializer: ONES });
  net.globalAveragePool("avg_pool", net.conv("conv", rgbInput(net, input), { filters: 5, kernel: 3 }));
  return net.finish("my-net");
}

registerBackbone({ name: "my-net.random", title: "MyNet", graph: myNet, weights: { kind: "random" } });
`;
const NOT_TO_BE_LOADED = 'throw new Error("loaded");';

const packageFolder = fileURLToPath(new URL("../..", import.meta.url));
const repository = join(packageFolder, "..", "..");
const run = promisify(execFile);
let copy: string;

beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), "fer-bench-models-"));
  await cp(join(packageFolder, "src"), join(copy, "src"), { recursive: true });
  await cp(join(packageFolder, "package.json"), join(copy, "package.json"));
  await symlink(join(repository, "node_modules"), join(copy, "node_modules"));
  await writeFile(join(copy, "src", "backbones", "my-net.ts"), MY_NET);
  for (const name of ["my-net.test.ts", "my-net.test.support.ts"]) {
    await writeFile(join(copy, "src", "backbones", name), NOT_TO_BE_LOADED);
  }
}, 60_000);
afterAll(() => rm(copy, { recursive: true, force: true }));

/** What a program prints that loads this index and makes the new backbone. */
async function outputWith(index: string): Promise<unknown> {
  const program = `
    const { findBackbone, listBackbones } = await import(${JSON.stringify(join(copy, index))});
    const input = { height: 8, width: 8, channels: 3 };
    const { weights, needsCalibration } = await findBackbone("my-net.random").create({ input, seed: 1 });
    const shape = weights.get("conv/kernel").shape;
    console.log(JSON.stringify({ shape, needsCalibration, known: listBackbones().length }));`;
  const flags = ["--conditions=@fer-bench/source", "--import", "tsx", "--input-type=module", "--eval"];
  const { stdout } = await run(process.execPath, [...flags, program], { cwd: repository });
  return JSON.parse(stdout);
}

it("makes a file in the folder all it takes, run from the sources and built", async () => {
  const expected = { shape: [3, 3, 3, 5], needsCalibration: false, known: expect.any(Number) };
  const fromSources = await outputWith("src/index.ts");
  expect(fromSources).toEqual(expected);
  const base = join(repository, "tsconfig.base.json");
  const options = { rootDir: "src", outDir: "dist", noCheck: true, composite: false, allowJs: true };
  await writeFile(
    join(copy, "tsconfig.json"),
    JSON.stringify({ extends: base, compilerOptions: options, include: ["src"], exclude: ["**/*.test.ts"] }),
  );
  await run(process.execPath, [join(repository, "node_modules", "typescript", "bin", "tsc"), "-p", copy]);
  expect(await outputWith("dist/index.js")).toEqual(fromSources);
});
