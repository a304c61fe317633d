import { createHash } from "node:crypto";
import { copyFile, mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRandom, FerBenchError, randomInt } from "@fer-bench/artifacts";
import type { Dataset, Group } from "h5wasm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { efficientnet, findBackbone, type Tensor } from "../index.ts";
import { openKerasFile } from "./keras-file.ts";
import { editHdf5, setNames, writeKerasFile } from "./keras-writer.test.support.ts";
import { openTensorFile } from "./tensor-file.ts";
import { randomWeights } from "./weights.ts";

const golden = new URL("../../test/golden/keras/", import.meta.url);
const goldenFile = (name: string) => new URL(name, golden).pathname;
type Recorded = Record<string, { shape: number[]; sum: number; sha256: string }>;
const readGolden = async (name: string) => JSON.parse(await readFile(new URL(name, golden), "utf8"));

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "fer-bench-keras-"));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

/** What tools/fixtures/keras_hdf5.py records of every tensor. */
async function describeTensors(path: string): Promise<Recorded> {
  const file = await openTensorFile(path);
  const found: Recorded = {};
  for (const name of file.tensors.keys()) {
    const { shape, data } = await file.read(name);
    const sum = data.reduce((total, value) => total + value, 0);
    const sha256 = createHash("sha256").update(data).digest("hex").slice(0, 16);
    found[name] = { shape: [...shape], sum, sha256 };
  }
  await file.close();
  return found;
}

async function expectSame(path: string, recorded: Recorded): Promise<void> {
  const found = await describeTensors(path);
  expect(Object.keys(found)).toEqual(Object.keys(recorded));
  for (const [name, { sum, ...exact }] of Object.entries(recorded)) {
    expect(found[name], name).toMatchObject(exact);
    expect(found[name]!.sum).toBeCloseTo(sum, 6);
  }
}

describe("files that h5py wrote", () => {
  it.each([
    ["weights", "every type of number, either end first, compressed"],
    ["whole-model", "the weights of a whole model, of a model inside, under names with suffixes"],
    ["split-names", "lists of names in several attributes, names of variable length"],
    ["keras-3-whole-model", "Keras 3's, and weights of no layer"],
  ])("%s are read to the bit: %s", async (name) => {
    await expectSame(goldenFile(`${name}.h5`), (await readGolden("expected.json"))[name]);
  });

  it("of Keras 3's own layout are refused, with what to do", async () => {
    await expect(openTensorFile(goldenFile("keras-3.weights.h5"))).rejects.toMatchObject({
      code: "bad-data",
      message: "this is Keras 3's .weights.h5, which does not name its layers",
      field: "/@layer_names",
      remedy: expect.stringContaining("model.save('weights.h5')"),
    });
  });
});

describe("the file that Keras 2.0.5 wrote", () => {
  const path = process.env.FER_BENCH_KERAS_FILE;
  const name = "is read to the bit (set FER_BENCH_KERAS_FILE to fer2013_mini_XCEPTION.102-0.66.hdf5)";
  if (path === undefined && process.env.FER_BENCH_REQUIRE === "1") {
    it(name, () => expect.fail("FER_BENCH_REQUIRE=1, and the file is not there"));
  } else {
    it.skipIf(path === undefined)(name, async () => {
      await expectSame(path!, await readGolden("mini-xception.json"));
    });
  }
});

const NAME = "efficientnet-b0.imagenet";
const input = { height: 48, width: 48, channels: 1 } as const;
const load = (weightsFile: string, name = NAME) => findBackbone(name).create({ input, seed: 1, weightsFile });

describe("B0 as Keras saves it", () => {
  const graph = findBackbone(NAME).graph(input);
  const weights = randomWeights(graph, 7);
  let whole: string;
  beforeAll(async () => {
    whole = join(dir, "b0.h5");
    await writeKerasFile(whole, graph, weights);
  });
  let count = 0;
  const damaged = async (edit: (file: Group) => void): Promise<string> => {
    const path = join(dir, `damaged-${count++}.h5`);
    await copyFile(whole, path);
    await editHdf5(path, edit);
    return path;
  };

  const expectSameWeights = (loaded: ReadonlyMap<string, Tensor>) => {
    expect([...loaded.keys()]).toEqual([...weights.keys()]);
    for (const [name, { shape, data }] of weights) {
      expect(loaded.get(name)!.shape).toEqual(shape);
      expect(Buffer.compare(Buffer.from(loaded.get(name)!.data.buffer), Buffer.from(data.buffer)), name).toBe(
        0,
      );
    }
  };

  it("gives its weights byte for byte, and says which file they are of", async () => {
    const backbone = await load(whole);
    expectSameWeights(backbone.weights);
    const sha256 = createHash("sha256")
      .update(await readFile(whole))
      .digest("hex");
    expect(backbone).toMatchObject({
      graph: { name: "efficientnet-b0" },
      needsCalibration: false,
      weightsFile: { name: "b0.h5", sha256, framework: "keras", published: false },
      note: `The weights are those of the user's file b0.h5 (sha256 ${sha256.slice(0, 8)}), not of the published efficientnetb0_notop.h5.`,
    });
  });

  it("loads from a file with its classifier, which is not used, and says so", async () => {
    const withTop = efficientnet({ variant: "b0", input: { ...input, channels: 3 }, top: { classes: 10 } });
    const path = join(dir, "top.h5");
    await writeKerasFile(path, withTop, new Map([...randomWeights(withTop, 1), ...weights]));
    const notes: string[] = [];
    const progress = {
      start: () => ({ update() {}, end() {} }),
      note: (line: string) => void notes.push(line),
    };
    const backbone = await findBackbone(NAME).create({ input, seed: 1, weightsFile: path, progress });
    expectSameWeights(backbone.weights);
    expect(notes).toEqual([`${path}: no use for predictions/kernel, predictions/bias`]);
  });

  it("loads where Keras has numbered its Normalization layer", async () => {
    const path = join(dir, "second.h5");
    const rename = (name: string) => name.replace(/^normalization\b/, "normalization_2");
    const renamed = {
      ...graph,
      layers: graph.layers.map((layer) => ({
        ...layer,
        name: rename(layer.name),
        inputs: layer.inputs.map(rename),
      })),
      shapes: new Map([...graph.shapes].map(([name, shape]) => [rename(name), shape])),
    };
    await writeKerasFile(
      path,
      renamed,
      new Map([...weights].map(([name, tensor]) => [rename(name), tensor])),
    );
    expectSameWeights((await load(path)).weights);
  });

  const layerNames = graph.layers.map(({ name }) => name);
  const replaceTensor = (file: Group, layer: string, data: Float32Array | string[], shape: number[]) => {
    const group = file.get(layer) as Group;
    group.create_group("other").create_dataset({ name: "kernel:0", data, shape });
    setNames(group, "weight_names", ["other/kernel:0"]);
  };
  const set = (file: Group, path: string, at: number, value: number) => {
    const dataset = file.get(path) as Dataset;
    dataset.write_slice([[at, at + 1]], Float32Array.of(value));
  };
  type Damage = [what: string, edit: (file: Group) => void, error: Record<string, unknown>];
  it.each<Damage>([
    [
      "the list of layers is gone",
      (file) => void file.delete_attribute("layer_names"),
      {
        message: "this HDF5 file is not Keras's: its root has no attribute layer_names",
        field: "/@layer_names",
      },
    ],
    [
      "the list of layers is no list of names",
      (file) => {
        file.delete_attribute("layer_names");
        file.create_attribute("layer_names", Int32Array.of(1, 2), [2], "<i");
      },
      { message: "the attribute layer_names of / is no list of names", field: "/@layer_names" },
    ],
    [
      "a layer's list of weights is gone",
      (file) => void (file.get("stem_conv") as Group).delete_attribute("weight_names"),
      { message: "/stem_conv has no attribute weight_names", field: "/stem_conv@weight_names" },
    ],
    [
      "a layer's group is gone",
      (file) => setNames(file, "layer_names", [...layerNames, "block8a_conv"]),
      { message: expect.stringContaining("/block8a_conv"), field: "/block8a_conv" },
    ],
    [
      "a data set is gone",
      (file) => setNames(file.get("top_bn") as Group, "weight_names", ["top_bn/gamma:0", "top_bn/omega:0"]),
      { message: expect.stringContaining("/top_bn/top_bn/omega:0"), field: "/top_bn/top_bn/omega:0" },
    ],
    [
      "words are where numbers should be",
      (file) => replaceTensor(file, "stem_conv", Array(864).fill("a"), [3, 3, 3, 32]),
      { message: "stem_conv/kernel holds text, not numbers", field: "/stem_conv/other/kernel:0" },
    ],
    [
      "a tensor has another shape",
      (file) => replaceTensor(file, "stem_conv", new Float32Array(32), [1, 1, 1, 32]),
      {
        code: "bad-artifact",
        message:
          "These weights are not efficientnet-b0's: stem_conv/kernel is [1, 1, 1, 32], expected [3, 3, 3, 32].",
      },
    ],
    [
      "tensors are missing",
      (file) => setNames(file.get("stem_bn") as Group, "weight_names", ["stem_bn/gamma:0", "stem_bn/beta:0"]),
      {
        code: "bad-artifact",
        message:
          "These weights are not efficientnet-b0's: missing stem_bn/moving_mean [32]; missing stem_bn/moving_variance [32].",
      },
    ],
    [
      "a layer is left over",
      (file) => {
        setNames(file, "layer_names", [...layerNames, "extra"]);
        const group = file.create_group("extra");
        group.create_dataset({ name: "bias:0", data: Float32Array.of(1), shape: [1] });
        setNames(group, "weight_names", ["bias:0"]);
      },
      { code: "bad-artifact", message: "These weights are not efficientnet-b0's: surplus extra/bias." },
    ],
    [
      "two tensors have one name",
      (file) => setNames(file, "layer_names", [...layerNames, "stem_conv"]),
      {
        message:
          "two tensors are stem_conv/kernel: /stem_conv/stem_conv/kernel:0 and /stem_conv/stem_conv/kernel:0",
      },
    ],
    [
      "a weight is no number",
      (file) => set(file, "top_bn/top_bn/beta:0", 5, Number.NaN),
      { message: "top_bn/beta holds NaN at [5]", field: "top_bn/beta" },
    ],
    [
      "a weight is infinite",
      (file) => set(file, "top_bn/top_bn/gamma:0", 1279, Number.NEGATIVE_INFINITY),
      { message: "top_bn/gamma holds -Infinity at [1279]", field: "top_bn/gamma" },
    ],
    [
      "a variance is negative",
      (file) => set(file, "stem_bn/stem_bn/moving_variance:0", 0, -1),
      {
        message: "stem_bn/moving_variance holds -1: a variance is not negative",
        field: "stem_bn/moving_variance",
      },
    ],
  ])("is refused by name where %s", async (_, edit, error) => {
    const path = await damaged(edit);
    const loading = load(path);
    await expect(loading).rejects.toBeInstanceOf(FerBenchError);
    await expect(loading).rejects.toMatchObject({
      code: "bad-data",
      file: path,
      remedy: expect.stringMatching(/\S/),
      ...error,
    });
  });

  it("is refused where it is cut off, wherever", async () => {
    const { length } = await readFile(whole);
    for (const kept of [length - 1, Math.floor(length / 2), 100_000, 2048, 600, 100, 9]) {
      const path = join(dir, "short.h5");
      await copyFile(whole, path);
      await truncate(path, kept);
      await expect(load(path)).rejects.toMatchObject({
        code: "bad-data",
        file: path,
        message: expect.stringMatching(/^the HDF5 file is damaged \(.+\)$/),
        remedy: expect.stringContaining("get the file again"),
      });
    }
  });

  it("is refused where it is another network's, with the backbones that it is of", async () => {
    await expect(load(whole, "efficientnet-b1.imagenet")).rejects.toMatchObject({
      code: "bad-config",
      message: "this file is not for efficientnet-b1.imagenet but for efficientnet-b0.imagenet",
      remedy: "name efficientnet-b0.imagenet as the backbone, or give a file for efficientnet-b1.imagenet",
    });
    await expect(load(whole, "pixels")).rejects.toMatchObject({
      code: "bad-config",
      message: "pixels takes no file of weights",
    });
  });
});

describe("bytes changed at random", () => {
  it("end in an error of ours, also where the library aborts", { timeout: 60_000 }, async () => {
    const sound = await readFile(goldenFile("whole-model.h5"));
    const path = join(dir, "noise.h5");
    const random = createRandom("keras-file.test", 1);
    const messages: string[] = [];
    for (let run = 0; run < 25; run++) {
      const bytes = Buffer.from(sound);
      for (let i = 0; i < 8; i++) bytes[randomInt(random, bytes.length)] = randomInt(random, 256);
      await writeFile(path, bytes);
      try {
        await describeTensors(path);
      } catch (error) {
        expect(error).toBeInstanceOf(FerBenchError);
        expect(error).toMatchObject({ code: "bad-data", file: path, remedy: expect.stringMatching(/\S/) });
        messages.push((error as Error).message);
      }
    }
    for (const message of messages) expect(message).not.toContain("\n");
    expect(messages.some((message) => message.includes("Aborted"))).toBe(true);
  });

  it("do not keep a reader waiting", async () => {
    await expect(openKerasFile(goldenFile("weights.h5"), { patienceMs: 0 })).rejects.toMatchObject({
      code: "bad-data",
      message: "the HDF5 library cannot read this file: it did not answer within 0 s",
    });
  });
});
