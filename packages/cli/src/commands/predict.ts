import { FerBenchError } from "@fer-bench/artifacts";
import type { Classification } from "@fer-bench/models";
import { cutChip, type NoFacePolicy, openFaceFinder, withChannels } from "@fer-bench/preprocess";
import type { CommandContext } from "../context.ts";
import { type OpenedClassifier, openAnyClassifier } from "../open-any-classifier.ts";
import { type AnswerPrinter, csvPrinter, jsonPrinter, linesPrinter } from "../photographs/answer-printers.ts";
import { eachPhotograph } from "../photographs/each-photograph.ts";
import {
  type FaceAnswer,
  type FaceSearchOptions,
  faceAnswer,
  headline,
  type PhotographAnswer,
  SEARCH_HARDER,
  searchOptions,
} from "../photographs/face-search.ts";
import { type ListedPhotograph, listPhotographs } from "../photographs/list-photographs.ts";
import { writePictures } from "../photographs/write-pictures.ts";
import { framingOf } from "../prediction-framing.ts";

export interface PredictOptions extends FaceSearchOptions {
  /** A file that `fer-bench export` wrote; the classifier that comes with fer-bench where absent. */
  model?: string;
  /** A folder for annotated photographs and chips; none are written where absent. */
  out?: string;
  /** Comma-separated values instead of lines. */
  csv: boolean;
  ifNone: NoFacePolicy;
  /** Default: as the chips that the classifier was trained on. */
  padding?: number;
  lift?: number;
}

interface PredictedFace extends FaceAnswer {
  readonly label: string;
  readonly probability: number;
  /** By class. */
  readonly probabilities: Readonly<Record<string, number>>;
}

type Prediction = PhotographAnswer<PredictedFace>;

/** Finds the faces of photographs and names the expression of each; with `out`, annotated photographs and chips. */
export async function predict(
  context: CommandContext,
  paths: readonly string[],
  options: PredictOptions,
): Promise<void> {
  const listed = await listPhotographs(paths, options.out);
  const classifier = await openAnyClassifier(options.model, Math.min(context.threads, listed.length));
  try {
    context.progress.note(`classifier: ${classifier.name} (${classifier.card.title})`);
    await predictEach(context, listed, classifier, options);
  } finally {
    await classifier.running.close();
  }
}

async function predictEach(
  context: CommandContext,
  listed: readonly ListedPhotograph[],
  classifier: OpenedClassifier,
  { out, csv, ifNone, padding, lift, ...search }: PredictOptions,
): Promise<void> {
  const { running, card } = classifier;
  const { classes, input } = running;
  const size = chipSize(classifier);
  const framing = framingOf(card);
  const finder = await openFaceFinder({
    ...(await searchOptions(search)),
    ifNone,
    size,
    padding: padding ?? framing.padding,
    lift: lift ?? framing.lift,
  });
  const colours = out === undefined ? undefined : await coloursOf(classes);
  await eachPhotograph<Prediction>(context, {
    task: "predict",
    listed,
    printer: printerFor(context, csv, classes),
    remedy: `${SEARCH_HARDER}; --if-none whole takes the picture itself for one`,
    async answer(photograph, { path, name }) {
      const { image, width, height } = photograph;
      const found = finder.find(image);
      const readable = withChannels(image, input.channels);
      const chips = found.map((face) => cutChip(readable, face, size));
      const answers = await running.classify(Buffer.concat(chips.map(({ data }) => data)), chips.length);
      const marks = found.map(({ box, detected = box }, i) => {
        const { label, probability } = answers[i]!;
        const number = found.length > 1 ? `${i + 1}  ` : "";
        return {
          box: detected,
          label: `${number}${label} ${percent(probability)}`,
          colour: colours?.get(label),
        };
      });
      const written = out === undefined ? undefined : await writePictures(out, name, image, marks, chips);
      return {
        photograph: path,
        width,
        height,
        faces: found.map((face, i) => ({
          ...faceAnswer(photograph, face, i + 1, written?.chips[i]),
          ...asNamed(answers[i]!, classes),
        })),
        ...(written && { annotated: written.annotated }),
      };
    },
  });
}

function chipSize({ name, running: { input } }: OpenedClassifier): number {
  if (input.height === input.width) return input.width;
  throw new FerBenchError("bad-config", `it reads pictures of ${input.width}x${input.height} pixels`, {
    file: name,
    field: "input",
    remedy: "give a classifier of square face chips",
  });
}

/** As figures draw the classes. Only where it is asked for: the package of figures takes a while to load. */
async function coloursOf(classes: readonly string[]): Promise<Map<string, string>> {
  const { classStyles } = await import("@fer-bench/report");
  const styles = classStyles(classes);
  return new Map(classes.map((label, i) => [label, styles[i]!.colour]));
}

function asNamed({ label, probability, probabilities }: Classification, classes: readonly string[]) {
  const shares = classes.map((name, i) => [name, inFull(probabilities[i]!)] as const);
  return { label, probability: inFull(probability), probabilities: Object.fromEntries(shares) };
}

/** More digits than these another machine may give otherwise. */
function inFull(share: number): number {
  return Math.round(share * 1e5) / 1e5;
}

function percent(share: number): string {
  return `${Math.round(100 * share)}%`;
}

function exactPercent(share: number): string {
  return `${(100 * share).toFixed(1)}%`;
}

function printerFor(
  { json, print }: CommandContext,
  csv: boolean,
  classes: readonly string[],
): AnswerPrinter<Prediction> {
  if (json) return jsonPrinter(print);
  return csv ? csvPrinter(print, [...COLUMNS, ...classes], rowsOf) : linesPrinter(print, describe);
}

const COLUMNS = [
  ...["photograph", "face", "label", "probability", "found", "score"],
  ...["left", "top", "width", "height", "roll"],
];

/** A row a face; where there is none, a row that says so. */
function rowsOf({ photograph, faces }: Prediction) {
  if (faces.length === 0) return [[photograph, null, null, null, "none"]];
  return faces.map(({ face, label, probability, found, score, box, chip, probabilities }) => [
    ...[photograph, face, label, probability, found, score],
    ...[box.left, box.top, box.width, box.height, chip.roll],
    ...Object.values(probabilities),
  ]);
}

function describe(answer: Prediction): string[] {
  return [
    headline(answer),
    ...answer.faces.map(({ face, label, found, box, probabilities }) => {
      const others = Object.entries(probabilities)
        .filter(([name]) => name !== label)
        .sort(([, a], [, b]) => b - a)
        .map(([name, share]) => `${name} ${exactPercent(share)}`);
      const where =
        found === "whole-image"
          ? "the whole picture"
          : `${box.width} x ${box.height} at ${box.left}, ${box.top}`;
      return `  ${face}  ${label} ${exactPercent(probabilities[label]!)}   ${others.join(", ")}   ${where}`;
    }),
  ];
}
