import type { FaceSheet } from "./face-sheet.ts";
import { FACE_SIDE } from "./face-sprite.ts";
import { html, type Markup, trusted } from "./html.ts";
import { figureId } from "./inline-figure.ts";
import type { TargetResults } from "./page.ts";

/** The samples of every target behind filters; the page's script fills it in, from `samplesData`. */
export function samplesSection(targets: readonly TargetResults[]): Markup {
  return html`<p>Every test sample: choose a true and a predicted class here, a cell of a confusion matrix, or a point of a map.</p>
<noscript><p class="note">The filters need the page's own script, which this reader has switched off.</p></noscript>
${targets.map(({ title, results, faces }, t) => {
  const { classes } = results.metrics;
  const choice = (name: string, label: string, options: readonly (readonly [string, string])[]) =>
    html`<label>${label} <select name="${name}">${options.map(
      ([value, text]) => html`<option value="${value}">${text}</option>`,
    )}</select></label>
`;
  const ofClass = [["", "any class"], ...classes.map((name, c) => [String(c), name])] as [string, string][];
  return html`${targets.length > 1 && html`<h3>${title}</h3>\n`}<div class="explorer" data-target="${t}" hidden>
<form aria-label="Filter the samples of ${title}">
${choice("label", "True", ofClass)}${choice("predicted", "Predicted", ofClass)}${choice(
  "answers",
  "Answers",
  [
    ["wrong", "wrong"],
    ["right", "right"],
    ["all", "all"],
  ],
)}${choice("order", "Order", [
  ["surest", "surest first"],
  ["unsure", "least sure first"],
  ["test", "as in the test set"],
])}<button type="reset">Reset</button>
</form>
<p class="found" role="status" aria-live="polite"></p>
${faces === undefined && html`<p class="note">Its licence keeps its images out of reports that may be passed on; <code>"report": {"embedFaces": true}</code> in the benchmark shows them, for private use.</p>\n`}<ul class="faces"></ul>
<button type="button" class="more" hidden>Show more</button>
</div>
`;
})}`;
}

/** Style rules that hold the faces: one picture a target, wherever its faces are shown. */
export function faceStyle(targets: readonly { faces: FaceSheet | undefined }[]): string {
  return targets
    .map(({ faces }, t) =>
      faces === undefined
        ? ""
        : `.sheet-${t} { background: url(${faces.uri}) 0 0 / ${faces.columns * FACE_SIDE}px ${faces.rows * FACE_SIDE}px; }\n`,
    )
    .join("");
}

/** What the page's script knows: samples column by column, and which figure shows which of them. */
export function samplesData(targets: readonly TargetResults[]): Markup {
  const data = targets.map(({ results, predictions, maps, confusionFigures, faces }) => ({
    classes: results.metrics.classes,
    ids: predictions.map(({ id }) => id),
    labels: predictions.map(({ label }) => label),
    predicted: predictions.map(({ predicted }) => predicted),
    confidences: predictions.map(({ confidence }) => Math.round(1000 * confidence) / 1000),
    columns: faces?.columns ?? 0,
    side: FACE_SIDE,
    maps: maps.map(({ map, figure }) => ({
      figure: figureId(figure),
      indices: map.indices.length === predictions.length ? null : [...map.indices],
    })),
    confusions: confusionFigures.map(figureId),
  }));
  // Inside a script element nothing is escaped: text must not end it.
  return trusted(JSON.stringify(data).replaceAll("<", "\\u003c"));
}
