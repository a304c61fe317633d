import { escapeMarkdown, markdownLink, markdownProse } from "@fer-bench/artifacts";
import type { Classifier, ClassifierCard, OnnxPort } from "@fer-bench/models";
import type { ExportedFile, ExportSummary } from "./export-stage.ts";

/** The Markdown beside the exported files: what it is, what goes in and comes out, how to run it, where it comes from. */
export function modelCard({ card, classes }: Classifier, summary: ExportSummary): string {
  const { files } = summary;
  return `${[
    `# ${escapeMarkdown(card.title)}`,
    `A facial-expression classifier: ${escapeMarkdown(card.backbone.title)} (\`${card.backbone.name}\`)${card.head === undefined ? "" : " and a head on its features"}.`,
    ...weightsLine(card),
    ...(card.backbone.note === undefined ? [] : [`**${markdownProse(card.backbone.note)}**`]),
    filesTable(summary),
    "## In and out",
    [
      `- in: ${portInWords(summary.input)}`,
      `- out: ${portInWords(summary.output)}: ${classes.map((label, i) => `${i} ${escapeMarkdown(label)}`).join(", ")}`,
      ...pictureLines(card),
      "- scaling and normalisation are inside the network: give it the bytes as they are",
    ].join("\n"),
    ...files.map(({ format, path }) => USAGE[format](path, summary)),
    ...trainingSection(card),
    resultsTable(card),
    ...(card.notes.length === 0
      ? []
      : ["## Notes", card.notes.map((note) => `- ${markdownProse(note)}`).join("\n")]),
  ].join("\n\n")}\n`;
}

function weightsLine({ backbone: { weights } }: ClassifierCard): string[] {
  if (weights === undefined) return [];
  const kind = weights.published ? "as published" : "a file of the user's";
  return [`Weights of the backbone: \`${weights.name}\`, ${kind}, sha256 \`${weights.sha256}\`.`];
}

function filesTable({ files, half, verifiedOn }: ExportSummary): string {
  const rows = files.map(({ path, format, opset, sameDecisions, largestDifference }) => [
    `\`${path}\``,
    `${format === "onnx" ? `ONNX, opset ${opset}` : "safetensors, graph and configuration in its metadata"}${half ? "; kernels in 16 bits" : ""}`,
    `${sameDecisions} of ${verifiedOn.faces}`,
    largestDifference.toExponential(1),
  ]);
  return [
    table(["file", "what", "same answer", "largest difference"], rows),
    `Each was run on ${verifiedOn.faces} test faces of ${verifiedOn.dataset} and compared with the evaluation's probabilities; differences are relative to the largest of them. Another order of the same sums moves them by ${verifiedOn.rounding.toExponential(1)}, so expect no less of another runtime.`,
  ].join("\n\n");
}

function portInWords({ name, type, shape, meaning }: OnnxPort): string {
  return `\`${name}\`, ${type} [${shape.join(", ")}], ${meaning}`;
}

function pictureLines({ picture }: ClassifierCard): string[] {
  if (picture === undefined) return [];
  const { face, resize, grey } = picture;
  return [
    `- a picture is a face, cut out as \`${JSON.stringify(face)}\` of \`@fer-bench/preprocess\` does, resized ${resize}`,
    ...(grey === undefined ? [] : [`- colour becomes grey by ${grey}`]),
  ];
}

const USAGE: Record<ExportedFile["format"], (path: string, summary: ExportSummary) => string> = {
  onnx: (path, { input, output }) => `## In Python

\`\`\`python
import json, numpy, onnxruntime
session = onnxruntime.InferenceSession("${path}")
classes = json.loads(session.get_modelmeta().custom_metadata_map["classes"])
faces = numpy.zeros((1, ${input.shape.slice(1).join(", ")}), numpy.uint8)  # yours
(probabilities,) = session.run(["${output.name}"], {"${input.name}": faces})
print(classes[probabilities[0].argmax()])
\`\`\``,
  safetensors: (path) => `## In TypeScript

\`\`\`ts
import { createClassifier, readClassifier } from "@fer-bench/models";
const classifier = await createClassifier(await readClassifier("${path}"));
const [face] = await classifier.classify(pixels); // one picture, uint8
console.log(face.label, face.probability);
await classifier.close();
\`\`\``,
};

function trainingSection({ training }: ClassifierCard): string[] {
  if (training === undefined) return [];
  const { title, licence, citation, samples, epoch, selectedOn } = training;
  const terms = markdownLink(licence.name, licence.url ?? "");
  const lines = [
    `- ${escapeMarkdown(title)}: ${samples.train} training and ${samples.validation} validation pictures; epoch ${epoch}, chosen on ${selectedOn}`,
    `- licence of the pictures: ${terms}`,
    ...(licence.redistributable
      ? []
      : [
          "- the pictures may not be passed on; whether a network trained on them may be is for you to check with that licence",
        ]),
    `- ${markdownProse(citation)}`,
  ];
  return ["## Trained on", lines.join("\n")];
}

function resultsTable({ results }: ClassifierCard): string {
  const percent = (share: number) => (100 * share).toFixed(2);
  const rows = results.map(({ dataset, split, n, accuracy, low, high, majority }) => [
    `${escapeMarkdown(dataset)}, ${split}`,
    String(n),
    percent(accuracy),
    `${percent(low)}–${percent(high)}`,
    percent(majority),
  ]);
  return ["## Measured", table(["set", "n", "accuracy, %", "95% interval", "majority class, %"], rows)].join(
    "\n\n",
  );
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
