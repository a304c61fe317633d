import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { encodeSafetensors } from "@fer-bench/artifacts";
import sharp from "sharp";
import type { World } from "./world.ts";

/** An error, and what a user has to have and to type for it. */
export interface ErrorCase {
  /** The file of the source that makes it, below packages/, and its message there as docs/errors.md has it. */
  readonly from: string;
  readonly message: string;
  /** Prepares the workspace; gives the words of the command line. */
  readonly run: (world: World) => Promise<readonly string[]> | readonly string[];
  /** What is typed before that, and works. */
  readonly before?: (world: World) => Promise<readonly string[]> | readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

const FEATURES = "artifacts/benchmarks/b/features";
const TRAIN = "artifacts/benchmarks/b/train";
const GENERATED = "artifacts/datasets/rendered/generate";
const RESULT = "runs/results.jsonl";
const VOTES = "neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF";
const benchmark = "benchmarks/b/benchmark.json";
const manifest = "datasets.manifest.json";
const NEEDS_WEIGHTS = (value: { backbone: string }) => {
  value.backbone = "efficientnet-b0.imagenet";
};

/** Errors that a test raises through the command line, one at least of every kind of every package. */
export const ERROR_CASES: readonly ErrorCase[] = [
  {
    from: "artifacts/src/artifact.ts",
    message: "there is no … result here",
    async run({ remove }) {
      await remove(FEATURES);
      return ["train", "b"];
    },
  },
  {
    from: "artifacts/src/artifact.ts",
    message: "the artifact is not whole: …",
    async run({ put }) {
      await put(`${FEATURES}/rendered.npy`, "no array");
      return ["train", "b"];
    },
  },
  {
    from: "artifacts/src/npy.ts",
    message: "the array cannot be read: …",
    async run({ put, seal }) {
      await put(`${FEATURES}/rendered.npy`, "no array");
      await seal(FEATURES, "features");
      return ["train", "b"];
    },
  },
  {
    from: "artifacts/src/parquet.ts",
    message: "the table cannot be read: …",
    async run({ put, seal }) {
      await put(`${FEATURES}/rendered.samples.parquet`, "no table");
      await seal(FEATURES, "features");
      return ["train", "b"];
    },
  },
  {
    from: "artifacts/src/config.ts",
    message: "not JSON: …",
    async run({ put }) {
      await put(manifest, '{ "datasets": ');
      return ["datasets", "list"];
    },
  },
  {
    from: "artifacts/src/config.ts",
    message: 'unknown key "…"',
    async run({ edit }) {
      await edit(benchmark, (b) => Object.assign(b, { titel: "x" }));
      return ["train", "b"];
    },
  },
  {
    from: "artifacts/src/file-stores.ts",
    message: "… is not here, and ….",
    run: () => ["--offline", "models", "fetch", "efficientnet-b0.imagenet"],
  },
  {
    from: "artifacts/src/web-client.ts",
    message: "no address of a proxy: …",
    run: () => ["models", "fetch", "efficientnet-b0.imagenet"],
    env: { HTTPS_PROXY: "http://[", https_proxy: "http://[" },
  },
  {
    from: "artifacts/src/file-stores.ts",
    message: "",
    run: () => ["models", "fetch", "efficientnet-b0.imagenet"],
    env: { HTTPS_PROXY: "http://127.0.0.1:1", https_proxy: "http://127.0.0.1:1" },
  },
  {
    from: "artifacts/src/safetensors.ts",
    message: "not a whole safetensors file: …",
    async run({ put, edit }) {
      const bytes = Buffer.concat([encodeSafetensors(new Map()), Buffer.from("more")]);
      await edit(benchmark, NEEDS_WEIGHTS);
      return ["features", "b", "--weights", await put("in/w.safetensors", bytes)];
    },
  },
  {
    from: "cli/src/workspace.ts",
    message: "no … here or in a folder above",
    async run({ remove }) {
      await remove(manifest);
      return ["datasets", "list"];
    },
  },
  {
    from: "cli/src/commands/datasets.ts",
    message: "there is nothing to import",
    run: ({ root }) => ["datasets", "import", "fer2013", join(root, "nowhere")],
  },
  {
    from: "cli/src/commands/add-dataset.ts",
    message: '"…" cannot name a data set',
    run: ({ root }) => ["datasets", "add", "No Name", "--path", root],
  },
  {
    from: "cli/src/commands/add-dataset.ts",
    message: "there are raw data of that name already",
    async run({ root, put }) {
      await put("data/raw/new/x", "");
      return ["datasets", "add", "new", "--path", root];
    },
  },
  {
    from: "cli/src/load-dataset.ts",
    message: "the package … cannot be loaded",
    async run({ edit }) {
      await edit(manifest, ({ datasets }) =>
        Object.assign(datasets.rendered, { package: "no-such-package" }),
      );
      return ["generate", "rendered"];
    },
  },
  {
    from: "cli/src/load-benchmark.ts",
    message: 'there is no benchmark "…"',
    run: () => ["train", "bb"],
  },
  {
    from: "cli/src/kept-runs.ts",
    message: "a line of the results is not one of fer-bench",
    async run({ put }) {
      await put(RESULT, "{}\n");
      return ["index"];
    },
  },
  {
    from: "dataset-ck-plus/src/frame-files.ts",
    message: '"…" is no emotion: 0 to 7 are',
    async run({ put, root }) {
      await put("in/Emotion/S005/001/S005_001_00000011_emotion.txt", "   9.0e+00\n");
      return ["datasets", "import", "ck-plus", join(root, "in")];
    },
  },
  {
    from: "dataset-ck-plus/src/read-source.ts",
    message: "neither CK+'s sequences with their Emotion files nor 48x48 faces in class folders are in it",
    async run({ put, root }) {
      await put("in/readme.txt", "nothing");
      return ["datasets", "import", "ck-plus", join(root, "in")];
    },
  },
  {
    from: "dataset-ck-plus/src/protocol.ts",
    message: "the 48x48 faces have no first frames to be neutral",
    async before({ root, put }) {
      const flat = sharp({ create: { width: 48, height: 48, channels: 3, background: "#888" } });
      await put("in/anger/S010_004_00000017.png", await flat.png().toBuffer());
      return ["datasets", "import", "ck-plus", join(root, "in")];
    },
    async run({ edit }) {
      await edit(manifest, ({ datasets }) =>
        Object.assign(datasets["ck-plus"], { options: { neutral: true }, expected: { counts: {} } }),
      );
      return ["prepare", "ck-plus"];
    },
  },
  {
    from: "dataset-fer2013/src/csv.ts",
    message: "row … …",
    run: async ({ put }) => {
      const csv = await put("in/fer2013.csv", "emotion,pixels,Usage\n0,1 2 3,Training\n");
      return ["datasets", "import", "fer2013", csv];
    },
  },
  {
    from: "dataset-ferplus/src/ferplus.ts",
    message: "fer2013new.csv is not in it",
    async run({ put, root }) {
      await put("in/readme.txt", "nothing");
      await put("in/more.txt", "nothing");
      return ["datasets", "import", "ferplus", join(root, "in")];
    },
  },
  {
    from: "dataset-ferplus/src/ferplus.ts",
    message: "FER+ has no images of its own",
    before: async ({ put }) => {
      const row = "Training,fer0000000.png,4,0,0,1,3,2,0,0,0,0\n";
      const csv = await put("in/fer2013new.csv", `Usage,Image name,${VOTES}\n${row.repeat(35_887)}`);
      return ["datasets", "import", "ferplus", csv];
    },
    async run({ edit }) {
      await edit(manifest, ({ datasets }) => delete datasets.ferplus.reads);
      return ["prepare", "ferplus"];
    },
  },
  {
    from: "dataset-ferplus/src/votes.ts",
    message: "it has … rows; FER-2013 has … images",
    async run({ put }) {
      const row = "Training,fer0000000.png,4,0,0,1,3,2,0,0,0,0";
      const csv = await put("in/fer2013new.csv", `Usage,Image name,${VOTES}\n${row}\n`);
      return ["datasets", "import", "ferplus", csv];
    },
  },
  {
    from: "dataset-folders/src/read-layout.ts",
    message: "there is no picture in it",
    async run({ put, root }) {
      await put("in/readme.txt", "nothing");
      return ["datasets", "add", "new", "--path", join(root, "in")];
    },
  },
  {
    from: "dataset-muxspace/src/muxspace.ts",
    message: "data/legend.csv, which has the labels, is not in it",
    async run({ put, root }) {
      await put("in/readme.txt", "nothing");
      return ["datasets", "import", "muxspace", join(root, "in")];
    },
  },
  {
    from: "dataset-raf-db/src/label-list.ts",
    message: "",
    async run({ put, root }) {
      await put("in/EmoLabel/list_patition_label.txt", "train_00001.jpg 9\n");
      return ["datasets", "import", "raf-db", join(root, "in")];
    },
  },
  {
    from: "dataset-raf-db/src/read-source.ts",
    message: "RAF-DB's labels are not in it: EmoLabel/list_patition_label.txt",
    async run({ put, root }) {
      await put("in/readme.txt", "nothing");
      return ["datasets", "import", "raf-db", join(root, "in")];
    },
  },
  {
    from: "dataset-synthetic/src/samples.ts",
    message: "the rendered data set was made with other options",
    async run({ edit }) {
      await edit(manifest, ({ datasets }) => Object.assign(datasets.rendered.options, { seed: 9 }));
      return ["prepare", "rendered"];
    },
  },
  {
    from: "dataset-synthetic/src/samples.ts",
    message: "the rendered data set is not there",
    async run({ remove, seal }) {
      await remove(`${GENERATED}/options.json`);
      await seal(GENERATED, "generate");
      return ["prepare", "rendered"];
    },
  },
  {
    from: "datasets/src/archives/archive-error.ts",
    message: "the archive is truncated or corrupt: …",
    async run({ put }) {
      const row = `0,${Array.from({ length: 2304 }, (_, i) => (i * i) % 256).join(" ")},Training\n`;
      const packed = gzipSync(`emotion,pixels,Usage\n${row.repeat(50)}`);
      const half = packed.subarray(0, packed.length / 2);
      return ["datasets", "import", "fer2013", await put("in/fer2013.csv.gz", half)];
    },
  },
  {
    from: "datasets/src/manifest.ts",
    message: 'there is no data set "…"',
    run: () => ["prepare", "rendred"],
  },
  {
    from: "datasets/src/imports/raw-folder.ts",
    message: "… has not been imported",
    async run({ put }) {
      await put("data/raw/fer2013/notes.txt", "");
      return ["prepare", "fer2013"];
    },
  },
  {
    from: "datasets/src/compare-expected.ts",
    message: "… is not what the manifest says:",
    async run({ edit }) {
      await edit(manifest, ({ datasets }) =>
        Object.assign(datasets.rendered.expected.counts.train, { happy: 3 }),
      );
      return ["prepare", "rendered"];
    },
  },
  {
    from: "models/src/backbones/registry.ts",
    message: 'There is no backbone named "…".…',
    run: () => ["models", "info", "efficientnet-b9"],
  },
  {
    from: "models/src/weights/tensor-file.ts",
    message: "",
    async run({ put, edit }) {
      await edit(benchmark, NEEDS_WEIGHTS);
      return ["features", "b", "--weights", await put("in/w.h5", "no weights")];
    },
  },
  {
    from: "models/src/weights/tensor-file.ts",
    message: "a file of weights is expected, this is a folder / the weights file cannot be read",
    async run({ root, edit }) {
      await edit(benchmark, NEEDS_WEIGHTS);
      return ["features", "b", "--weights", root];
    },
  },
  {
    from: "models/src/tfjs/library.ts",
    message: "…the engine tfjs on the device … needs …, which … not installed",
    run: () => ["features", "b", "--engine", "tfjs", "--device", "cuda"],
  },
  {
    from: "models/src/weights/apply-layout.ts",
    message: "",
    async run({ put, edit }) {
      const w = { dtype: "F32", shape: [1], data: Float32Array.of(1) } as const;
      const file = await put("in/w.safetensors", encodeSafetensors(new Map([["classifier.bias", w]])));
      await edit(benchmark, NEEDS_WEIGHTS);
      return ["features", "b", "--weights", file];
    },
  },
  {
    from: "preprocess/src/locators/box.ts",
    message: "sample … has no face box",
    async run({ edit }) {
      await edit(manifest, ({ datasets }) => Object.assign(datasets.mine, { face: { kind: "box" } }));
      return ["preprocess", "mine"];
    },
  },
  {
    from: "preprocess/src/landmarks/obtain-landmarks.ts",
    message: 'there are no landmarks "…"',
    run: () => ["models", "fetch", "dlib-69-points"],
  },
  {
    from: "report/src/read-training.ts",
    message: "",
    async run({ put, seal }) {
      await put(`${TRAIN}/history.jsonl`, "");
      await seal(TRAIN, "train");
      return ["report", "b"];
    },
  },
  {
    from: "report/src/compare-runs.ts",
    message: "",
    run: () => ["compare", "b", "mine-b"],
  },
  {
    from: "train/src/grid.ts",
    message: "… is given twice: in the grid and outside",
    async run({ edit }) {
      await edit(benchmark, (b) => Object.assign(b, { grid: { backbone: ["pixels"] } }));
      return ["report", "b"];
    },
  },
  {
    from: "train/src/epochs.ts",
    message: "the loss is … …",
    async run({ edit }) {
      await edit(benchmark, (b) => Object.assign(b.train, { optimizer: { learningRate: 1e38 } }));
      return ["train", "b"];
    },
  },
  {
    from: "train/src/samples.ts",
    message: "sample … has no votes to train on",
    async run({ edit }) {
      await edit(benchmark, (b) => Object.assign(b.train, { targets: "votes" }));
      return ["train", "b"];
    },
  },
  {
    from: "train/src/features-artifact.ts",
    message: "there are no features of …",
    async run({ edit }) {
      await edit(benchmark, (b) => Object.assign(b, { targets: ["rendered", "mine"] }));
      return ["evaluate", "b"];
    },
  },
  {
    from: "cli/src/main.ts",
    message: "not in the cache, and nothing is to be run",
    env: { FER_BENCH_ONLY_CACHED: "1" },
    run: () => ["train", "b"],
  },
  {
    from: "cluster/src/cache/access.ts",
    message: "a line is no token",
    async run({ put, root }) {
      await put("shared.tokens", "read short\n");
      return ["cache", "serve", "--dir", join(root, "shared"), "--port", "0"];
    },
  },
  {
    from: "cluster/src/cache/cache-server.ts",
    message: "the cache cannot be served at …:…: …",
    // An address of no machine's (RFC 5737).
    run: ({ root }) => [
      "cache",
      "serve",
      "--dir",
      join(root, "shared"),
      "--host",
      "203.0.113.1",
      "--port",
      "0",
    ],
  },
  {
    from: "cluster/src/slurm/submission.ts",
    message: "",
    run: () => ["jobs"],
  },
];

/** Errors of whole kinds of a package that no user meets by typing, and why. */
export const NOT_BY_TYPING: Readonly<Record<string, string>> = {
  "cli interrupted": "it takes a signal; tools/faults and packages/cli/src/interrupts.test.ts send them",
  "report unavailable": "it takes a machine without memory for a map",
  "dataset-fer2013 unavailable": "it takes a big-endian machine",
  "preprocess unavailable": "it takes a machine without memory for one picture",
  "preprocess missing": "landmark files and photographs are named by programs that use the package",
  "preprocess bad-artifact": "it takes a damaged installation of the package",
  "train missing": "commands give a stage the data sets that its benchmark names; programs may forget one",
};
