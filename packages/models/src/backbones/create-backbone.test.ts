import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type FileStores, sha256 } from "@fer-bench/artifacts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { defineGraph } from "../graph/graph.ts";
import { GLOROT_UNIFORM } from "../graph/initializers.ts";
import { writeKerasFile } from "../weights/keras-writer.test.support.ts";
import { kerasLayout } from "../weights/layout.ts";
import { randomWeights } from "../weights/weights.ts";
import type { BackboneDeclaration, PictureShape, WeightsFileOrigin } from "./backbone.ts";
import { createBackbone } from "./create-backbone.ts";

const input = { height: 8, width: 8, channels: 3 } as const;

/** A dense layer on the mean colour. */
function tiny({ height, width, channels }: PictureShape) {
  return defineGraph("tiny", [
    { kind: "input", name: "input", inputs: [], shape: [height, width, channels], dtype: "uint8" },
    { kind: "globalAveragePool", name: "pool", inputs: ["input"] },
    {
      kind: "dense",
      name: "features",
      inputs: ["pool"],
      units: 4,
      bias: true,
      activation: "relu",
      initializer: GLOROT_UNIFORM,
    },
  ]);
}

describe("a backbone whose weights are published", () => {
  const dir = mkdtempSync(join(tmpdir(), "fer-bench-published-"));
  const file = join(dir, "tiny_notop.h5");
  const weights = randomWeights(tiny(input), 1);
  const stores: FileStores = {
    mirrorName: "FER_BENCH_WEIGHTS_DIR",
    cache: join(dir, "cache"),
    offline: false,
  };
  let server: Server;
  let requests = 0;
  let published: NonNullable<WeightsFileOrigin["published"]>;

  beforeAll(async () => {
    await writeKerasFile(file, tiny(input), weights);
    const bytes = readFileSync(file);
    server = createServer((_, response) => {
      requests += 1;
      response.end(bytes);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const urls = [`http://127.0.0.1:${port}/tiny_notop.h5`];
    published = { name: "tiny_notop.h5", urls, checksum: { sha256: sha256(bytes) }, bytes: bytes.length };
  });
  afterAll(() => {
    server.close();
    server.closeAllConnections();
    rmSync(dir, { recursive: true, force: true });
  });

  const create = (
    options: { stores: FileStores; weightsFile?: string },
    origin: Partial<WeightsFileOrigin> = {},
  ) => {
    const entry: BackboneDeclaration = {
      name: "tiny.imagenet",
      title: "Tiny",
      graph: tiny,
      weights: { kind: "file", layout: kerasLayout(), published, ...origin },
    };
    return createBackbone(entry, { input, seed: 1, ...options }, () => [entry]);
  };

  it("downloads them once, and has nothing to say of them", async () => {
    for (let time = 0; time < 2; time++) {
      const backbone = await create({ stores });
      expect(backbone.weights).toEqual(weights);
      expect(backbone.note).toBeUndefined();
      expect(backbone.weightsFile).toEqual({
        name: "tiny_notop.h5",
        bytes: published.bytes,
        sha256: sha256(readFileSync(file)),
        framework: "keras",
        published: true,
      });
    }
    expect(requests).toBe(1);
  });

  it("knows the published file under any name", async () => {
    const renamed = join(dir, "download (3).bin");
    writeFileSync(renamed, readFileSync(file));
    const backbone = await create({ stores: { ...stores, offline: true }, weightsFile: renamed });
    expect(backbone).toMatchObject({ weightsFile: { name: "download (3).bin", published: true } });
    expect(backbone.note).toBeUndefined();
  });

  it("says which file to put where, and what else would do", async () => {
    const nowhere = { ...stores, cache: join(dir, "empty"), mirror: join(dir, "mirror"), offline: true };
    await expect(create({ stores: nowhere })).rejects.toMatchObject({
      code: "missing",
      file: join(dir, "mirror", "tiny_notop.h5"),
      remedy:
        `put tiny_notop.h5 (${published.bytes!.toLocaleString("en")} bytes, sha256 ${sha256(readFileSync(file))}) into ` +
        `${join(dir, "mirror")}; or name it with --weights FILE or as the benchmark's "weights"; ` +
        `get it from ${published.urls[0]}`,
    });
    const byHand = { published: { ...published, urls: [] }, howToGet: "ask its author" };
    await expect(create({ stores: { ...nowhere, offline: false } }, byHand)).rejects.toMatchObject({
      code: "missing",
      remedy: expect.stringMatching(/; ask its author$/),
    });
  });

  it("without a published file asks for one", async () => {
    const entry: BackboneDeclaration = {
      name: "tiny.mine",
      title: "Tiny",
      graph: tiny,
      weights: { kind: "file", layout: kerasLayout(), howToGet: "train one" },
    };
    const created = createBackbone(entry, { input, seed: 1, stores }, () => [entry]);
    await expect(created).rejects.toMatchObject({
      code: "missing",
      message: "tiny.mine is made from a file of weights that you name",
      remedy: `name it with --weights FILE or as the benchmark's "weights"; to have one, train one`,
    });
    const mine = await createBackbone(entry, { input, seed: 1, weightsFile: file }, () => [entry]);
    expect(mine.note).toMatch(
      /^The weights are those of the user's file tiny_notop\.h5 \(sha256 [0-9a-f]{8}\)\.$/,
    );
  });
});
