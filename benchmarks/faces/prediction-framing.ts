/**
 * How `fer-bench predict` frames the faces of photographs: how much of a face a chip shows, and how far up it lies, so
 * that it resembles the chips that a classifier was trained on.
 *
 *   npx tsx --conditions=@fer-bench/source benchmarks/faces/prediction-framing.ts [--raw data/raw/muxspace-subset]
 *        [--fer2013 artifacts/datasets/fer2013/preprocess/faces.npy] [--landmarks FILE] [--threads 1]
 *
 * First, how FER-2013's own chips are framed (every 24th one of train, searched at four times its size) and the boxes of
 * the rendered set (every 14th portrait): what `alignFace` would have to be told to give just them. Then what the
 * classifier that comes with fer-bench makes of muxspace's photographs (`datasets import muxspace-subset`) in each of a
 * grid of framings. People are dealt into two halves by lot: the mean log-probability of the label on the first half
 * chooses, since it varies less by chance than accuracy does; the second half says what the choice is worth.
 */
import { parseArgs } from "node:util";
import { createRandom, openNpy, shuffle, silent } from "@fer-bench/artifacts";
import muxspace from "@fer-bench/dataset-muxspace";
import { syntheticOptions } from "@fer-bench/dataset-synthetic";
import type { Box, PixelImage } from "@fer-bench/datasets";
import { createClassifier, shippedClassifier } from "@fer-bench/models";
import { alignFace, cutChip, openFaceFinder, withChannels } from "@fer-bench/preprocess";
import { planSamples, renderSample } from "../../packages/dataset-synthetic/src/plan.ts";

interface Framing {
  readonly padding: number;
  readonly lift: number;
}

/** One photograph: whose, and the log-probability and the decision in every framing. */
interface Outcome {
  readonly person: string;
  readonly label: string;
  readonly logs: readonly number[];
  readonly decisions: readonly string[];
}

const SIZE = 48;
/** FER-2013's training chips come first. */
const TRAIN = 28_709;

const { values } = parseArgs({
  options: {
    raw: { type: "string", default: "data/raw/muxspace-subset" },
    fer2013: { type: "string", default: "artifacts/datasets/fer2013/preprocess/faces.npy" },
    landmarks: { type: "string" },
    threads: { type: "string", default: "1" },
  },
});
const { landmarks } = values;

await reportBoxes("the rendered set's boxes", renderedBoxes(), 1);
const own = await reportBoxes("FER-2013's chips", fer2013Chips(values.fer2013), 4);
const framings: Framing[] = [
  own,
  ...[0.1, 0.2, 0.3, 0.4].flatMap((padding) => [0, 0.1, 0.2].map((lift) => ({ padding, lift }))),
  { padding: 0, lift: 0 },
  { padding: 0.25, lift: 0 },
];
reportAccuracies(await classifyPhotographs(values.raw));

/** Pictures with a box, as framings that would give the box: medians, and where the middle half of them lies. */
async function reportBoxes(
  what: string,
  pictures: AsyncIterable<{ image: PixelImage; box: Box }> | Iterable<{ image: PixelImage; box: Box }>,
  enlarge: number,
): Promise<Framing> {
  const finder = await openFaceFinder({ padding: 0, enlarge, landmarks });
  const found: { padding: number; lift: number; aside: number }[] = [];
  let count = 0;
  for await (const { image, box } of pictures) {
    count++;
    const [face] = finder.find(image);
    if (face === undefined) continue;
    const side = face.box.width;
    found.push({
      padding: (box.width / side - 1) / 2,
      lift: (face.box.top + side / 2 - box.top - box.height / 2) / side,
      aside: (face.box.left + side / 2 - box.left - box.width / 2) / side,
    });
  }
  const at = (key: keyof (typeof found)[0], share: number): number =>
    found.map((one) => one[key]).sort((a, b) => a - b)[Math.floor(share * found.length)]!;
  const spreads = (["padding", "lift", "aside"] as const).map((key) => {
    const [low, middle, high] = [0.25, 0.5, 0.75].map((share) => at(key, share).toFixed(3));
    return `${key} ${middle} (${low} to ${high})`;
  });
  console.log(`${what}: ${found.length} of ${count} found: ${spreads.join(", ")}`);
  return { padding: Number(at("padding", 0.5).toFixed(2)), lift: Number(at("lift", 0.5).toFixed(2)) };
}

function* renderedBoxes() {
  const options = syntheticOptions.parse({});
  let number = 0;
  for (const sample of planSamples(options)) {
    // Every expression in turn.
    if (number++ % 15 === 0) yield renderSample(sample, options).portrait;
  }
}

async function* fer2013Chips(file: string) {
  const chips = await openNpy(file);
  const box = { left: 0, top: 0, width: SIZE, height: SIZE };
  for (let row = 0; row < TRAIN; row += 24) {
    const data = Uint8Array.from(await chips.readRows(row, 1));
    yield { image: { width: SIZE, height: SIZE, channels: 1 as const, data }, box };
  }
  await chips.close();
}

async function classifyPhotographs(rawDir: string): Promise<Outcome[]> {
  const classifier = await createClassifier((await shippedClassifier("efficientnetv2-48.fer2013"))!, {
    threads: Number(values.threads),
    batchSize: framings.length,
  });
  const finder = await openFaceFinder({ mostUpsamplings: 1, landmarks });
  const outcomes: Outcome[] = [];
  let count = 0;
  for await (const sample of muxspace.samples({
    rawDir,
    options: muxspace.options.parse({}),
    progress: silent,
  })) {
    if (++count % 200 === 0) process.stderr.write(`${count} photographs\n`);
    const [face] = finder.find(sample.image);
    if (face?.landmarks === undefined) continue;
    const grey = withChannels(sample.image, 1);
    const chips = framings.map((framing) => {
      const aligned = alignFace(face.landmarks!, { size: SIZE, ...framing });
      return cutChip(grey, { ...aligned, found: "" }, SIZE).data;
    });
    const answers = await classifier.classify(Buffer.concat(chips), chips.length);
    const labelled = classifier.classes.indexOf(sample.label);
    outcomes.push({
      person: sample.subject ?? sample.id,
      label: sample.label,
      logs: answers.map(({ probabilities }) => Math.log(Math.max(1e-6, probabilities[labelled]!))),
      decisions: answers.map(({ label }) => label),
    });
  }
  await classifier.close();
  console.log(`muxspace: a face found in ${outcomes.length} of ${count} photographs`);
  return outcomes;
}

function reportAccuracies(outcomes: readonly Outcome[]): void {
  const people = [...new Set(outcomes.map(({ person }) => person))].sort();
  const first = new Set(shuffle(people, createRandom("prediction-framing")).slice(0, people.length / 2));
  const choosing = outcomes.filter(({ person }) => first.has(person));
  const held = outcomes.filter(({ person }) => !first.has(person));
  const rows = framings.map((framing, i) => ({
    framing,
    i,
    log: mean(choosing.map(({ logs }) => logs[i]!)),
  }));
  rows.sort((a, b) => b.log - a.log);
  console.log(
    `first half: ${choosing.length} photographs; second half: ${held.length}; the first row is chosen`,
  );
  console.log(
    "| padding | lift | log-probability, first half | accuracy, % | log-probability, second half | accuracy, % | balanced, % |",
  );
  console.log("|--:|--:|--:|--:|--:|--:|--:|");
  for (const { framing, i, log } of rows) {
    const cells = [
      framing.padding + (framing === own ? " (as FER-2013's)" : ""),
      framing.lift,
      log.toFixed(3),
      percent(accuracy(choosing, i)),
      mean(held.map(({ logs }) => logs[i]!)).toFixed(3),
      percent(accuracy(held, i)),
      percent(balanced(held, i)),
    ];
    console.log(`| ${cells.join(" | ")} |`);
  }
}

function accuracy(outcomes: readonly Outcome[], i: number): number {
  return mean(outcomes.map(({ label, decisions }) => (decisions[i] === label ? 1 : 0)));
}

function balanced(outcomes: readonly Outcome[], i: number): number {
  const labels = [...new Set(outcomes.map(({ label }) => label))];
  return mean(
    labels.map((one) =>
      accuracy(
        outcomes.filter(({ label }) => label === one),
        i,
      ),
    ),
  );
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0) / numbers.length;
}

function percent(share: number): string {
  return (100 * share).toFixed(1);
}
