/*
 * What each stage is made of besides the artifacts it reads: the packages it runs through and the fields of its
 * configuration. It is rerun when one of these changes, so each names all it uses, and no more.
 */

/**
 * Of a data set: fields of its entry in the manifest. Its own package is always among the packages. `raw`: reads
 * the raw data.
 */
export const DATASET_STAGES = {
  generate: {
    packages: ["artifacts", "datasets"],
    fields: ["package", "generated", "options"],
  },
  prepare: {
    packages: ["artifacts", "datasets"],
    // All but what only others use. A misspelt field counts, so that the stage runs and refuses it.
    excludeFields: ["face", "notes", "source", "description", "creators", "published"],
    raw: true,
  },
  preprocess: {
    packages: ["artifacts", "datasets", "preprocess"],
    fields: ["package", "generated", "raw", "reads", "options", "channels", "face"],
    raw: true,
  },
  describe: {
    packages: ["artifacts", "datasets", "metrics", "report"],
    fields: [
      "title",
      "licence",
      "citation",
      "description",
      "creators",
      "published",
      "homepage",
      "source",
      "archives",
      "classes",
      "notes",
    ],
  },
};

/** What makes the backbone: of the train stage, too, where that is what trains it. */
export const BACKBONE_FIELDS = ["backbone", "weights", "engine", "device", "input"];

/** Of a benchmark: fields of its benchmark.json. A stage with `askedBy` is there only where that field asks for it. */
export const BENCHMARK_STAGES = {
  features: {
    packages: ["artifacts", "models", "train"],
    fields: ["source", "targets", ...BACKBONE_FIELDS, "features", "evaluate"],
  },
  train: {
    packages: ["artifacts", "metrics", "models", "train"],
    fields: ["source", "train"],
  },
  evaluate: {
    packages: ["artifacts", "metrics", "models", "train"],
    fields: ["source", "targets", "engine", "device", "evaluate"],
  },
  robustness: {
    packages: ["artifacts", "metrics", "models", "train"],
    fields: ["source", "targets", "engine", "device", "robustness"],
    askedBy: "robustness",
  },
  "activation-maps": {
    packages: ["artifacts", "models", "train"],
    fields: ["source", "targets", "activationMaps"],
    askedBy: "activationMaps",
  },
  export: {
    packages: ["artifacts", "metrics", "models", "train"],
    fields: ["title", "source", "targets", "notes"],
  },
  report: {
    packages: ["artifacts", "metrics", "report"],
    // What reads benchmark.json and fills in what it leaves out.
    files: ["packages/train/src/benchmark.ts", "packages/train/src/grid.ts"],
    fields: [
      "title",
      "source",
      "targets",
      "backbone",
      "train",
      "grid",
      "beside",
      "report",
      "published",
      "notes",
    ],
  },
};

/** The stages that not every benchmark has. */
export const OPTIONAL_STAGES = Object.keys(BENCHMARK_STAGES).filter(
  (stage) => BENCHMARK_STAGES[stage].askedBy !== undefined,
);

/** What a report says of the benchmarks beside its own. */
export const BESIDE_FIELDS = ["source", "backbone", "train", "grid"];

/** Every field that benchmark.json can have. */
export const BENCHMARK_FIELDS = [
  ...new Set(Object.values(BENCHMARK_STAGES).flatMap((stage) => stage.fields)),
].sort();
