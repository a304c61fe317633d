import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createRandom, normal, silent, writeNpy, writeParquet } from "@fer-bench/artifacts";
import {
  type EvaluationMetrics,
  evaluatePredictions,
  majorityBaseline,
  scoreIntervals,
  wilsonProportion,
} from "@fer-bench/metrics";
import type { EvaluationInput, ReportRequest } from "./request.ts";

/** What a class might be named by a data set that means no good, or knows no better. */
export const HOSTILE = `<img src=x onerror=alert("1")>|a,'b'`;
const classes = ["angry", "happy", HOSTILE];
export const SAMPLES = 45;

/**
 * An evaluate stage on two targets, the second with nine subjects: predictions and features; right `rightOfNine` times of nine. `relabel` gives the
 * samples other labels than their number's.
 */
export async function writeEvaluation(
  dir: string,
  seed: number,
  rightOfNine = 6,
  relabel = (label: number) => label,
): Promise<void> {
  await mkdir(dir, { recursive: true });
  const targets: EvaluationMetrics["targets"] = [];
  for (const target of ["first", "second"]) {
    const random = createRandom(target, seed);
    const labels = Int32Array.from({ length: SAMPLES }, (_, i) => relabel(i % 3));
    const probabilities = new Float32Array(SAMPLES * 3).fill(0.125);
    const predicted = labels.map((label, i) => (i % 9 < rightOfNine ? label : (label + 1) % 3));
    predicted.forEach((p, i) => {
      probabilities[3 * i + p] = 0.75;
    });
    const majority = majorityBaseline({ trainLabels: [1, 1, 0], testLabels: labels, classes });
    const subjects = target === "second" ? Array.from(labels, (_, i) => `person ${i % 9}`) : undefined;
    const drawn = { labels, predicted, classes, groups: subjects, random: createRandom("bootstrap") };
    const metrics = {
      ...evaluatePredictions({ labels, probabilities, classes }),
      bootstrap: scoreIntervals(drawn),
    };
    targets.push({ target, split: "test", metrics, majority });
    await writeParquet(
      join(dir, `${target}.predictions.parquet`),
      [
        { name: "id", type: "string" },
        { name: "index", type: "int32" },
        { name: "label", type: "string" },
        { name: "predicted", type: "string" },
        ...classes.map((c) => ({ name: `p_${c}`, type: "float" as const })),
        ...(subjects ? [{ name: "subject", type: "string" as const }] : []),
      ],
      Array.from(labels, (label, i) => ({
        id: `${target}/${i}<i>`,
        index: i,
        label: classes[label],
        predicted: classes[predicted[i]!],
        subject: subjects?.[i],
        ...Object.fromEntries(classes.map((c, k) => [`p_${c}`, probabilities[3 * i + k]])),
      })),
    );
    const features = Float32Array.from({ length: SAMPLES * 8 }, () => normal(random));
    await writeNpy(join(dir, `${target}.test-features.npy`), features, [SAMPLES, 8]);
  }
  await writeFile(join(dir, "metrics.json"), JSON.stringify({ targets }));
}

/** The `faces.npy` of either target. */
export async function writeFaces(file: string): Promise<void> {
  const faces = Uint8Array.from({ length: SAMPLES * 48 * 48 }, (_, i) => i % 251);
  await writeNpy(file, faces, [SAMPLES, 48, 48, 1]);
}

/** A train stage of twelve epochs, the eleventh kept, with `best` as its accuracy on validation. */
export async function writeTraining(dir: string, best = 0.7): Promise<void> {
  await mkdir(dir, { recursive: true });
  const history = Array.from({ length: 12 }, (_, i) => ({
    epoch: i + 1,
    learningRate: i < 10 ? 0.001 : 0.0009,
    train: { loss: 1 / (i + 1), accuracy: 0.5 + i / 40 },
    validation: { loss: 1 / (i + 1), accuracy: best + (i - 10) / 50 },
  }));
  await writeFile(join(dir, "history.jsonl"), history.map((epoch) => `${JSON.stringify(epoch)}\n`).join(""));
  await writeFile(join(dir, "train.json"), JSON.stringify({ bestEpoch: 11 }));
  await writeFile(
    join(dir, "provenance.json"),
    JSON.stringify({
      stage: "train",
      config: { head: { hidden: 256 } },
      inputs: { features: "0123abcd" },
      seed: 7,
      engine: "onnxruntime-node cpu",
      versions: { "onnxruntime-node": "1.30.0" },
      machine: { cpu: "Example CPU", cores: 2, memoryBytes: 8 * 2 ** 30, os: "linux", node: "v20.19.0" },
      wallSeconds: 123.456,
    }),
  );
}

/** Every file below a folder, by its path there. */
export async function filesOf(dir: string): Promise<Map<string, Buffer>> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const files = new Map<string, Buffer>();
  for (const path of paths.sort()) files.set(path.slice(dir.length + 1), await readFile(path));
  return files;
}

/** The stages of an example benchmark and of one beside it, and the faces of its first data set. */
export async function writeExampleStages(root: string): Promise<void> {
  await writeEvaluation(join(root, "own"), 1);
  await writeEvaluation(join(root, "beside"), 2);
  await writeTraining(join(root, "train"));
  await writeFaces(join(root, "faces.npy"));
}

/** A robustness stage on the first target: two kinds, the model being right `lost` samples less at each further level. */
export async function writeRobustness(dir: string, lost: number): Promise<void> {
  await mkdir(dir, { recursive: true });
  const scores = (level: number) => {
    const accuracy = wilsonProportion(30 - level * lost, SAMPLES);
    const { value } = accuracy;
    return { accuracy, balancedAccuracy: value, macroF1: value, expectedCalibrationError: 0.1 };
  };
  const levels = (values: number[]) => values.map((value, i) => ({ value, ...scores(i + 1) }));
  const answer = (predicted: string | undefined) => ({ predicted: predicted!, confidence: 0.75 });
  const target = {
    target: "first",
    split: "test",
    none: scores(0),
    corruptions: [
      { kind: "blur", title: "Blur", unit: "deviation in pixels", levels: levels([1, 2]) },
      { kind: "jpeg", title: "JPEG", unit: "quality", levels: levels([20]) },
    ],
    example: {
      id: "first/0<i>",
      label: HOSTILE,
      answers: [answer(HOSTILE), answer(HOSTILE), answer(classes[0]), answer(classes[1])],
    },
  };
  await writeFile(join(dir, "robustness.json"), JSON.stringify({ targets: [target] }));
  const pictures = Uint8Array.from({ length: 4 * 48 * 48 }, (_, i) => i % 251);
  await writeNpy(join(dir, "first.corrupted.npy"), pictures, [4, 48, 48, 1]);
}

/** An activation-maps stage on both targets: the evidence for an answer in the upper rows, for the label in the lower ones. */
export async function writeActivationMaps(dir: string): Promise<void> {
  await mkdir(dir, { recursive: true });
  const layers = [
    { layer: "last", method: "Grad-CAM", height: 3, width: 3, receptiveField: 99 },
    { layer: "finer", method: "LayerCAM", height: 12, width: 12, receptiveField: 29 },
  ];
  const targets = [];
  for (const target of ["first", "second"]) {
    const files = [];
    for (const { layer, height, width } of layers) {
      const names = { predicted: `${target}.${layer}.predicted.npy`, label: `${target}.${layer}.label.npy` };
      files.push(names);
      for (const [evidence, name] of Object.entries(names)) {
        const isAsked = (i: number) =>
          i % (height * width) < (height * width) / 3 === (evidence === "predicted");
        const maps = Float32Array.from({ length: SAMPLES * height * width }, (_, i) => (isAsked(i) ? 2 : 0));
        await writeNpy(join(dir, name), maps, [SAMPLES, height, width]);
      }
    }
    targets.push({ target, split: "test", n: SAMPLES, files });
  }
  await writeFile(join(dir, "activation-maps.json"), JSON.stringify({ layers, targets }));
}

/** The example with stages that not every benchmark has: tested on corrupted pictures, as the one beside it is, and mapped. */
export async function exampleWithInsight(root: string, out: string): Promise<ReportRequest> {
  await writeRobustness(join(root, "robustness"), 5);
  await writeRobustness(join(root, "beside-robustness"), 2);
  await writeActivationMaps(join(root, "maps"));
  const request = await exampleRequest(root, out);
  const [own, beside] = request.evaluations as [EvaluationInput, EvaluationInput];
  return {
    ...request,
    evaluations: [
      { ...own, robustness: join(root, "robustness") },
      { ...beside, robustness: join(root, "beside-robustness") },
    ],
    activationMaps: join(root, "maps"),
  };
}

/** What is to be said of the example's backbone. */
export const NOTE = "Its weights are random, not trained.";

/** A report of `writeExampleStages`, into a folder `out` of the same root. */
export async function exampleRequest(root: string, out: string): Promise<ReportRequest> {
  await mkdir(join(root, out));
  const card = {
    licence: "CC0 <1.0>",
    citation: "A. Author, “Example”, 2020",
    counts: { train: { angry: 1, happy: 2 }, test: { angry: 15, happy: 15, [HOSTILE]: 15 } },
    checksums: { test: "feed" },
    remarks: ["2 images dropped"],
  };
  const trained = { trainedOn: "First", selectedOn: "First validation" };
  return {
    out: join(root, out),
    page: {
      name: "example",
      title: "Example & <title>",
      notes: ["A note."],
      dataSets: [
        {
          name: "first",
          title: "First",
          ...card,
          homepage: "javascript:alert(1)",
          faces: join(root, "faces.npy"),
        },
        { name: "second", title: "Second", ...card, homepage: "https://example.org/a?b=1&c=2" },
      ],
      published: [
        {
          method: "Theirs",
          backbone: "VGG16",
          accuracy: 0.6996,
          source: "A paper, Table 2",
          target: "first",
        },
        {
          method: "Cross",
          backbone: "VGG16",
          accuracy: 0.55,
          source: "A paper, Table 4",
          target: "second",
          n: 257,
        },
      ],
    },
    evaluations: [
      {
        benchmark: "example",
        method: "frozen",
        backbone: { name: "b0.random", title: "B0, random weights", note: NOTE },
        ...trained,
        dir: join(root, "own"),
      },
      {
        benchmark: "pixels",
        method: "logistic regression",
        backbone: { name: "pixels", title: "Raw pixels" },
        ...trained,
        dir: join(root, "beside"),
      },
    ],
    train: join(root, "train"),
    stages: [{ stage: "train", of: "example", dir: join(root, "train") }],
    tsne: { points: 40, perplexity: 10, seed: 1 },
    umap: { points: 40, neighbours: 8, minDistance: 0.1, seed: 1 },
    progress: silent,
  };
}

/** A page without its script and the script's data, which are no text that a reader sees. */
export function withoutScript(page: string): string {
  return page.replace(/<script[\s\S]*<\/script>/, "");
}
