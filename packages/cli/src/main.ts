#!/usr/bin/env node
import { availableParallelism } from "node:os";
import { FerBenchError, silent } from "@fer-bench/artifacts";
import type { Device, Engine } from "@fer-bench/models";
import type { ExportFormat } from "@fer-bench/train";
import { Command, Help, InvalidArgumentError, Option } from "commander";
import type { AddOptions } from "./commands/add-dataset.ts";
import type { CacheOptions } from "./commands/cache.ts";
import type { ExportOptions } from "./commands/export.ts";
import type { FacesOptions } from "./commands/faces.ts";
import type { FeaturesOptions } from "./commands/features.ts";
import type { JobsOptions } from "./commands/jobs.ts";
import type { PredictOptions } from "./commands/predict.ts";
import type { SubmitOptions } from "./commands/submit.ts";
import type { CommandContext } from "./context.ts";
import { explain } from "./explain-error.ts";
import { watchForInterrupts } from "./interrupts.ts";
import { terminalProgress } from "./terminal-progress.ts";
import { findWorkspace } from "./workspace.ts";

const interrupts = watchForInterrupts();

const program = new Command("fer-bench")
  .description("Prepare facial-expression data sets, train EfficientNet models on them, and benchmark them.")
  .option("-w, --workspace <dir>", "the folder with datasets.manifest.json (default: here or above)")
  .addOption(
    new Option("-t, --threads <n>", "threads to compute with (default: all cores)")
      .argParser(wholeFrom(1))
      .env("FER_BENCH_THREADS"),
  )
  .option("--offline", "download nothing", false)
  .option("--json", "results as JSON on stdout", false)
  .option("-q, --quiet", "no progress", false)
  .showSuggestionAfterError()
  .configureHelp({
    showGlobalOptions: true,
    // Of a flag that is off, nothing is learnt.
    optionDescription: (option) => new Help().optionDescription(option).replace(/ \(default: false\)$/, ""),
  })
  .addHelpText(
    "after",
    `
Stages run one by one here; Nx runs a stage and all that it needs, and caches each:
  npx nx run synthetic-efficientnetv2-48-frozen:report   the demo's chain
  npx nx run-many -t report                   every benchmark whose data are here

Examples:
  fer-bench predict portrait.jpg              the expression of each face, by the network that comes with fer-bench
  fer-bench datasets list                     the data sets, and which of them are here
  fer-bench datasets import fer2013 ~/Downloads/fer2013.csv
  fer-bench prepare fer2013 && fer-bench preprocess fer2013
  fer-bench models list                       the backbones, and which weights are here
  fer-bench features fer2013-b0-frozen --threads 4
  fer-bench features fer2013-b0-frozen --engine tfjs --device cuda
  fer-bench export fer2013-b0-frozen --out ~/models
  fer-bench train fer2013-efficientnets-frozen/b3    one cell of a grid
  fer-bench compare fer2013-b0-frozen previous       what a change came to

fer-bench <command> --help says what a command takes. Options of all commands may stand before it or behind it.
Exit status: 0 done, 64 wrong usage, 65 bad data, 66 something missing or corrupt,
69 not available here, 75 busy, 78 bad configuration, 70 a fault of fer-bench itself,
130 stopped by Ctrl-C, 143 by SIGTERM.`,
  );

// Before the commands are added: they inherit it.
program.exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 64));

const PHOTOGRAPHS_STATUS = `Exit status: 0 every photograph was read, faces or none; 65 or 66 one could not be read (the others were);
64 wrong usage. See fer-bench --help for the rest.`;
/** Named here, so that no command loads another's packages. */
const FORMATS: readonly ExportFormat[] = ["onnx", "safetensors"];
const ofSet = { name: "set", about: "a data set of datasets.manifest.json" };
const ofBackbone = "a backbone, such as efficientnet-b0.imagenet";
const ofBenchmark = { name: "benchmark", about: "a folder of benchmarks/" };
const ofRun = { name: "benchmark", about: "a folder of benchmarks/; of a grid, <benchmark>/<cell>" };

program.commandsGroup("Stages of a data set:");
stage(
  "generate",
  "make the raw archive of a data set that is made by code",
  ofSet,
  async () => (await import("./commands/generate.ts")).generate,
);
stage(
  "prepare",
  "write a data set's records, checked against the manifest",
  ofSet,
  async () => (await import("./commands/prepare.ts")).prepare,
);
stage(
  "preprocess",
  "cut every sample's face chip",
  ofSet,
  async () => (await import("./commands/preprocess.ts")).preprocess,
);
stage(
  "describe",
  "write a data set's report, card and Croissant metadata",
  ofSet,
  async () => async (context, name) => {
    await (await import("./commands/describe.ts")).describe(context, name);
  },
);
program.commandsGroup("Stages of a benchmark:");
stage(
  "features",
  "run the backbone over the face chips",
  ofRun,
  async () => (await import("./commands/features.ts")).features,
  [new Option("--weights <file>", "take the backbone's weights from this file"), ...engineOptions()],
);
stage(
  "train",
  "train the head, or the whole network; goes on where it was interrupted",
  ofRun,
  async () => (await import("./commands/train.ts")).train,
  [new Option("--weights <file>", "fine-tune from the backbone's weights in this file"), ...engineOptions()],
);
stage(
  "evaluate",
  "evaluate on the test split of every target",
  ofRun,
  async () => (await import("./commands/evaluate.ts")).evaluate,
  engineOptions(),
);
stage(
  "robustness",
  "test on corrupted pictures: occlusion, light, contrast, blur, noise, JPEG, roll",
  ofRun,
  async () => (await import("./commands/robustness.ts")).robustness,
  engineOptions(),
);
stage(
  "activation-maps",
  "work out where the model looks in every test picture",
  ofRun,
  async () => (await import("./commands/activation-maps.ts")).activationMaps,
);
stage(
  "report",
  "write tables, figures and the HTML page",
  ofBenchmark,
  async () => (await import("./commands/report.ts")).report,
);

program
  .command("export")
  .description("write the finished classifier as ONNX and safetensors, checked against its evaluation")
  .argument("<benchmark>", ofRun.about)
  .option("-o, --out <dir>", "copy the files into this folder (default: they stay in artifacts/)")
  .option("--formats <list>", `what to write, of ${FORMATS.join(",")} (default: all)`, parseFormats)
  .option("--half", "store kernels in 16 bits: half the size, slightly other probabilities", false)
  .addHelpText("after", "\nExample:\n  fer-bench export fer2013-b0-frozen --out ~/models")
  .action(
    run(async (context, name: string, options: ExportOptions) => {
      refuseWhatIsNotCached();
      await (await import("./commands/export.ts")).exportClassifier(context, name, options);
    }),
  );

program.commandsGroup("Photographs:");
searching(
  program
    .command("faces")
    .description(
      "find the faces of photographs: boxes, scores, landmarks; with --out, annotated pictures and chips",
    ),
)
  .option("--size <pixels>", "side of the chips", wholeFrom(1, 1024), 48)
  .option(
    "--padding <share>",
    "what chips show around the face on each side, of its own side (default: 0.25)",
    numberFrom(0, 2),
  )
  .addHelpText(
    "after",
    `
Faces are found as dlib finds them: seen from the front, from 73 pixels on; where there are none, in the picture doubled.
In profile, upside down, or half hidden they are not.
Positions are in pixels of the upright photograph, which is searched at 2048 pixels a side at most.

Examples:
  fer-bench faces portrait.jpg                       boxes, scores and landmarks
  fer-bench faces party.jpg --upsample 1 --out found small faces, too; found/party.faces.jpg shows them
  fer-bench --json faces ~/photos > faces.json       all of a folder, folders inside it included
  fer-bench faces portrait.jpg --landmarks dlib-68-points   where it is here: fer-bench models fetch

${PHOTOGRAPHS_STATUS}`,
  )
  .action(
    run(async (context, photographs: string[], options: FacesOptions) =>
      (await import("./commands/faces.ts")).findFaces(context, photographs, options),
    ),
  );

searching(
  program
    .command("predict")
    .description(
      "find the faces of photographs and name the expression of each; with --out, annotated pictures",
    ),
)
  .option(
    "-m, --model <file>",
    "an .onnx or .safetensors that fer-bench export wrote (default: the one that comes with fer-bench)",
  )
  .addOption(
    new Option(
      "--if-none <policy>",
      "what becomes of a photograph without a face: taken for one, or left unnamed",
    )
      .choices(["whole", "drop"])
      .default("drop"),
  )
  .option("--csv", "a row of comma-separated values a face", false)
  .option(
    "--padding <share>",
    "what chips show around the face (default: what the classifier was trained on)",
    numberFrom(0, 2),
  )
  .option(
    "--lift <share>",
    "how far up chips are moved, of the face's side (default: likewise)",
    numberFrom(-1, 1),
  )
  .addHelpText(
    "after",
    `
Faces are found and turned upright as fer-bench faces does, and cut as the pictures were that the classifier was trained
on. It names the expression that people saw in such pictures, not what a person feels.

Examples:
  fer-bench predict portrait.jpg
  fer-bench predict ~/photos --out named             named/<photograph>.faces.jpg shows every face and its name
  fer-bench predict ~/photos --csv > faces.csv
  fer-bench --json predict portrait.jpg --model ~/models/fer2013-b0-frozen.onnx

${PHOTOGRAPHS_STATUS}`,
  )
  .action(
    run(async (context, photographs: string[], options: PredictOptions) =>
      (await import("./commands/predict.ts")).predict(context, photographs, options),
    ),
  );

program.commandsGroup("Results:");
program
  .command("compare")
  .description(
    "compare finished runs: metrics, significance, classes, samples that flipped, what was different",
  )
  .argument(
    "<runs...>",
    "a benchmark, a cell of a grid, the hash of a kept run, or `previous`; the first is compared with each other",
  )
  .addHelpText(
    "after",
    `
Each report keeps its run in runs/<benchmark>/<hash>/. One run alone is compared with the one before it.
Tests are of the samples that both were tested on: McNemar's, and a paired bootstrap.

Examples:
  fer-bench compare fer2013-b0-frozen                        what did my change do?
  fer-bench compare fer2013-pixels-logistic fer2013-b0-frozen
  fer-bench compare fer2013-efficientnets-frozen/b0 fer2013-efficientnets-frozen/b7
  fer-bench --json compare 3fa9c02b11de fer2013-b0-frozen > comparison.json`,
  )
  .action(
    run(async (context, runs: string[]) => (await import("./commands/compare.ts")).compare(context, runs)),
  );

program
  .command("index")
  .description("write a page over all benchmarks: latest runs, history, the paper's tables")
  .addHelpText("after", "\nExample:\n  npm run bench && fer-bench index    what a nightly job runs")
  .action(run(async (context) => (await import("./commands/index.ts")).writeIndex(context)));

program.commandsGroup("Beyond one machine:");
program
  .command("submit")
  .description("submit to Slurm the tasks that Nx would run for some benchmarks, each as a job of its own")
  .argument("<benchmarks...>", ofBenchmark.about)
  .option("--target <stage>", "the stage to come to", "report")
  .option("--dry-run", "print the commands and scripts, and submit nothing", false)
  .option("--partition <name>", "of Slurm (default: cluster.json's)")
  .option("--account <name>", "of Slurm (default: cluster.json's)")
  .option(
    "--sbatch <option>",
    "one more option of sbatch, such as --exclude=n7; may be repeated",
    collect,
    [],
  )
  .addHelpText(
    "after",
    `
Results come through the shared cache that NX_SELF_HOSTED_REMOTE_CACHE_SERVER names (fer-bench cache serve); all nodes
have to reach it. Cores, memory, time and GPUs of each stage stand in cluster.json, or come of earlier runs.

Examples:
  fer-bench submit fer2013-efficientnets-frozen --dry-run
  fer-bench submit fer2013-efficientnets-frozen --partition long && fer-bench jobs --wait && npx nx run fer2013-efficientnets-frozen:report`,
  )
  .action(
    run(async (context, benchmarks: string[], options: SubmitOptions) =>
      (await import("./commands/submit.ts")).submit(context, benchmarks, options),
    ),
  );

program
  .command("jobs")
  .description("show what was submitted: states, nodes and logs")
  .argument("[submission]", "as submit named it (default: the last)")
  .option("--wait", "until nothing waits or runs; exit status 69 where something failed", false)
  .option("--cancel", "what waits or runs; finished tasks stay finished", false)
  .option("--resubmit", "what is not done; training goes on where it was interrupted", false)
  .addHelpText("after", "\nExample:\n  fer-bench jobs --wait || fer-bench jobs --resubmit")
  .action(
    run(async (context, id: string | undefined, options: JobsOptions) =>
      (await import("./commands/jobs.ts")).jobs(context, id, options),
    ),
  );

program
  .command("cache")
  .description("share finished tasks between machines")
  .command("serve")
  .description("serve a folder as Nx's remote cache, until it is interrupted")
  .requiredOption("--dir <dir>", "where the artifacts are kept, a file each")
  .option("--tokens <file>", "who may read, who may write: made where there is none (default: <dir>.tokens)")
  .option(
    "--size-limit <size>",
    "such as 500MB or 2TB; the least recently used go beyond it",
    parseBytes,
    50e9,
  )
  .option(
    "--host <address>",
    "0.0.0.0 for every network; others than this machine see tokens in clear",
    "127.0.0.1",
  )
  .option("--port <number>", "0 for one that is free", wholeFrom(0, 65_535), 4500)
  .addHelpText(
    "after",
    `
Then, on every machine that shares it, with a token of that file (read-only ones for pull requests):
  export NX_SELF_HOSTED_REMOTE_CACHE_SERVER=http://<host>:4500
  export NX_SELF_HOSTED_REMOTE_CACHE_ACCESS_TOKEN=<token>
What is made of data sets that may not be passed on stays on its machine, unless FER_BENCH_PRIVATE_CACHE names the same
server. Beyond one network, put a proxy that speaks TLS before it.`,
  )
  .action(
    run(async (context, options: CacheOptions) =>
      (await import("./commands/cache.ts")).serve(context, options),
    ),
  );

program.commandsGroup("What there is to work with:");
const datasets = program
  .command("datasets")
  .description("list, describe, fetch, import, verify and pin data sets")
  .addHelpText("after", "\nEvery one takes --json. Exit status: see fer-bench --help.");
datasets
  .command("list")
  .description("the data sets of the manifest, and which of them are here")
  .addHelpText("after", examples("fer-bench datasets list", "fer-bench --json datasets list"))
  .action(run(async (context) => (await import("./commands/datasets.ts")).listDatasets(context)));
datasets
  .command("info")
  .description("licence, source, classes, counts and copies of a data set")
  .argument("<set>", ofSet.about)
  .addHelpText("after", examples("fer-bench datasets info fer2013"))
  .action(
    run(async (context, set: string) => (await import("./commands/datasets.ts")).describeSet(context, set)),
  );
datasets
  .command("verify")
  .description(
    "read the raw data through and compare it with the manifest; check every finished stage's files",
  )
  .argument("<set>", ofSet.about)
  .addHelpText(
    "after",
    `${examples("fer-bench datasets verify fer2013")}

Exit status: 0 all is as it should be, 65 the raw data differ from the manifest, 66 they are not here, or a stage's
files changed since they were written.`,
  )
  .action(
    run(async (context, set: string) => (await import("./commands/datasets.ts")).verifyDataset(context, set)),
  );
datasets
  .command("import")
  .description("bring raw data into the workspace, recognised and checked")
  .argument("<set>", ofSet.about)
  .argument("<path>", "the file, archive or folder that you have")
  .option("--accept-altered", "import a copy whose images are not the set's, under another name", false)
  .addHelpText(
    "after",
    examples(
      "fer-bench datasets import fer2013 ~/Downloads/archive.zip",
      "fer-bench --json datasets import fer2013 ~/fer2013.csv",
    ),
  )
  .action(
    run(async (context, set: string, path: string, options: { acceptAltered: boolean }) =>
      (await import("./commands/datasets.ts")).importDataset(context, set, path, options.acceptAltered),
    ),
  );
datasets
  .command("add")
  .description("add a data set that lies in class folders or is listed in a table, without code")
  .argument("<set>", "its name: lower-case letters, digits and hyphens")
  .addOption(new Option("--layout <layout>", "how it lies").choices(["folders", "csv"]).default("folders"))
  .requiredOption("--path <path>", "the folder, the archive or the table")
  .option("--title <title>", "what reports call it (default: its name)")
  .option("--licence <name>", "under what its pictures are (default: not stated)")
  .option("--redistributable", "its pictures may stand in reports that are passed on", false)
  .option("--classes <list>", "words for classes, such as 0=angry,1=happy; usual ones are known", parsePairs)
  .option("--columns <list>", "columns of the table, such as image=file,label=emotion", parsePairs)
  .addHelpText(
    "after",
    `
Folders are <class>/<picture>, or train|validation|test/<class>/<picture>. A table has the columns image (relative to
the table) and label, and may have split, subject, and left, top, width and height of the face in pixels.

Examples:
  fer-bench datasets add my-set --path ~/faces
  fer-bench datasets add my-set --layout csv --path ~/faces/list.csv --columns image=file,label=emotion`,
  )
  .action(
    run(async (context, set: string, options: AddOptions) =>
      (await import("./commands/add-dataset.ts")).addDataset(context, set, options),
    ),
  );
datasets
  .command("fetch")
  .description(
    "download data sets whose licence allows it, checked before anything reads them, and import them",
  )
  .argument("<sets...>", ofSet.about)
  .option(
    "--first-use",
    "take a file whose checksum nobody has published, and write what it is into the manifest",
    false,
  )
  .addHelpText(
    "after",
    `${examples("fer-bench datasets fetch ferplus", "HTTPS_PROXY=http://proxy:3128 fer-bench datasets fetch muxspace --first-use")}

A download that broke off goes on where it stopped. Files are taken from the folder FER_BENCH_DOWNLOADS_DIR where it has
them under their published names, and kept in FER_BENCH_CACHE, or else in XDG_CACHE_HOME or ~/.cache. Sets that have to
be asked for are never downloaded: the error says where to ask. Exit status: 66 not to be downloaded, or offline; 69 no
address gave the file.`,
  )
  .action(
    run(async (context, sets: string[], options: { firstUse: boolean }) =>
      (await import("./commands/datasets.ts")).fetchDatasets(context, sets, options),
    ),
  );
datasets
  .command("report")
  .description(
    "write dataset-report.html (copies, label conflicts, balance), the card and Croissant metadata",
  )
  .argument("<set>", ofSet.about)
  .option("--with-images", "show images that may not be passed on: for yourself alone", false)
  .addHelpText(
    "after",
    `${examples("fer-bench datasets report synthetic", "fer-bench datasets report fer2013 --with-images")}

It needs prepare, and shows faces after preprocess: npx nx run <set>:describe runs both.`,
  )
  .action(
    run(async (context, set: string, options: { withImages: boolean }) =>
      (await import("./commands/datasets.ts")).reportDataset(context, set, options),
    ),
  );
datasets
  .command("pin")
  .description("write the counts and checksums found by prepare into the manifest")
  .argument("<set>", ofSet.about)
  .addHelpText("after", examples("fer-bench datasets pin my-set"))
  .action(
    run(async (context, set: string) => (await import("./commands/datasets.ts")).pinDataset(context, set)),
  );

const models = program.command("models").description("list, describe and fetch backbones and landmarks");
models
  .command("list")
  .description("the backbones, their parameters, and where their weights come from")
  .action(run(async (context) => (await import("./commands/models.ts")).listModels(context)));
models
  .command("info")
  .description("a backbone's layers, shapes and costs")
  .argument("<name>", ofBackbone)
  .option(
    "--size <pixels>",
    "of the pictures: a side, or height x width such as 48x64 (default: 48)",
    parseSize,
  )
  .option("--grey", "pictures of one channel", false)
  .action(
    run(
      async (context, name: string, { size = [48, 48], grey }: { size?: [number, number]; grey: boolean }) =>
        (await import("./commands/models.ts")).describeModel(context, name, { size, grey }),
    ),
  );
models
  .command("fetch")
  .description("bring published weights and landmarks here, for machines that will be offline")
  .argument("<names...>", `${ofBackbone}; dlib-5-points or dlib-68-points`)
  .option("--accept-licence", "agree to the terms of use of a file that has some", false)
  .addHelpText(
    "after",
    `
Files are taken from the folder FER_BENCH_WEIGHTS_DIR where it has them under their published names; downloads are
kept in FER_BENCH_CACHE, or else in XDG_CACHE_HOME or ~/.cache. HTTPS_PROXY and NO_PROXY are respected.
dlib-68-points must not be used commercially: without --accept-licence its terms are shown, and nothing is fetched.`,
  )
  .action(
    run(async (context, names: string[], options: { acceptLicence: boolean }) =>
      (await import("./commands/fetch.ts")).fetchModels(context, names, options),
    ),
  );

// A reader such as `head` that has had enough closes the pipe: the rest is not wanted, and nothing went wrong.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit();
});
await program.parseAsync();

type StageCommand = (context: CommandContext, name: string, options: FeaturesOptions) => Promise<void>;

function examples(...lines: readonly string[]): string {
  return ["", lines.length > 1 ? "Examples:" : "Example:", ...lines.map((line) => `  ${line}`)].join("\n");
}

/** The words are written out, because the package that has them takes longer to load than most commands. */
function engineOptions(): Option[] {
  const engines: Engine[] = ["onnx", "tfjs"];
  const devices: Device[] = ["cpu", "webgpu", "cuda"];
  return [
    new Option("--engine <engine>", "what runs the network (default: the benchmark's)").choices(engines),
    new Option("--device <device>", "what the engine computes on (default: the benchmark's)").choices(
      devices,
    ),
  ];
}

/** What a command on photographs takes. */
function searching(command: Command): Command {
  return command
    .argument("<photographs...>", "picture files, and folders with some")
    .option("-o, --out <dir>", "write annotated pictures (.jpg) and 8-bit chips (.png) into this folder")
    .addOption(
      new Option("--faces <policy>", "which of several faces")
        .choices(["largest", "central", "all"])
        .default("all"),
    )
    .option(
      "--upsample <times>",
      "double the picture so often before the search: 0 finds faces from 73 pixels on, 1 from 36, 2 from 18",
      wholeFrom(0, 2),
      0,
    )
    .option(
      "--border <share>",
      "repeat the edge around the picture, of its longer side: faces that fill it need room",
      numberFrom(0, 1),
      0,
    )
    .option(
      "--threshold <score>",
      "least score of a face; below 0 there are more, and more that are none",
      numberFrom(-5, 10),
      0,
    )
    .option("--smallest-face <pixels>", "search for no smaller faces, which saves time", numberFrom(0))
    .option(
      "--landmarks <name>",
      "dlib-5-points, dlib-68-points, or the file of a shape predictor of dlib (default: the five points that come with fer-bench)",
    );
}

function stage(
  name: string,
  description: string,
  of: { name: string; about: string },
  load: () => Promise<StageCommand>,
  options: readonly Option[] = [],
): void {
  const command = program.command(name).description(description).argument(`<${of.name}>`, of.about);
  for (const option of options) command.addOption(option);
  command.action(
    run(async (context, what: string, given: FeaturesOptions) => {
      refuseWhatIsNotCached();
      await (await load())(context, what, given);
    }),
  );
}

/** For who wants to know which stages Nx would run, or wants what is finished and no more. */
function refuseWhatIsNotCached(): void {
  if (process.env.FER_BENCH_ONLY_CACHED !== "1") return;
  throw new FerBenchError("unavailable", "not in the cache, and nothing is to be run", {
    field: "FER_BENCH_ONLY_CACHED",
    remedy: "unset it to run the stage",
  });
}

/** Runs a command with its context; an error becomes its lines on stderr and its exit status. */
function run<Arguments extends unknown[]>(
  command: (context: CommandContext, ...args: Arguments) => Promise<void>,
): (...args: unknown[]) => Promise<void> {
  return async (...args) => {
    try {
      const { workspace, threads, offline, json, quiet } = program.opts();
      const context: CommandContext = {
        // Only where it is asked for: some commands need none.
        get workspace() {
          return findWorkspace(workspace ?? process.cwd());
        },
        offline,
        threads: threads ?? availableParallelism(),
        json,
        progress: interrupts.interruptible(quiet ? silent : terminalProgress()),
        print: (line) => void process.stdout.write(`${line}\n`),
      };
      await command(context, ...(args as Arguments));
    } catch (error) {
      process.exitCode = explain(error, interrupts.status);
    }
  };
}

/** `48` or `48x64`, height first. */
function parseSize(value: string): [number, number] {
  const [, height, width = height] = /^(\d+)(?:x(\d+))?$/.exec(value) ?? [];
  if (height === undefined) throw new InvalidArgumentError("a side such as 48, or 48x64, expected");
  return [Number(height), Number(width)];
}

function parseFormats(value: string): ExportFormat[] {
  return [...new Set(value.split(","))].map((word) => {
    const format = FORMATS.find((known) => known === word);
    if (format === undefined) throw new InvalidArgumentError(`"${word}" is none of ${FORMATS.join(", ")}`);
    return format;
  });
}

/** `a=b,c=d` */
function parsePairs(value: string): Record<string, string> {
  const pairs = value
    .split(",")
    .map((pair) => /^([^=]+)=(.+)$/.exec(pair)?.slice(1) as [string, string] | undefined);
  if (pairs.includes(undefined)) throw new InvalidArgumentError("pairs such as a=b,c=d expected");
  return Object.fromEntries(pairs as [string, string][]);
}

function wholeFrom(least: number, most = Number.POSITIVE_INFINITY): (value: string) => number {
  return parseNumber("a whole number", Number.isInteger, least, most);
}

function numberFrom(least: number, most = Number.POSITIVE_INFINITY): (value: string) => number {
  return parseNumber("a number", Number.isFinite, least, most);
}

function parseNumber(what: string, isOne: (value: number) => boolean, least: number, most: number) {
  const to = most === Number.POSITIVE_INFINITY ? "up" : `to ${most}`;
  return (value: string): number => {
    const number = value.trim() === "" ? Number.NaN : Number(value);
    if (isOne(number) && number >= least && number <= most) return number;
    throw new InvalidArgumentError(`${what} from ${least} ${to} expected`);
  };
}

function collect(value: string, before: readonly string[]): string[] {
  return [...before, value];
}

/** `500MB`, in powers of ten. */
function parseBytes(value: string): number {
  const [, amount, unit = ""] = /^(\d+(?:\.\d+)?)\s*([kMGT]?)B?$/.exec(value) ?? [];
  if (amount === undefined) throw new InvalidArgumentError("a size such as 500MB or 2TB expected");
  return Math.round(Number(amount) * 1000 ** ["", "k", "M", "G", "T"].indexOf(unit));
}
