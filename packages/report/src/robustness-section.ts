import { placeInSprite, spriteStyle } from "./face-sprite.ts";
import { grouped, percent } from "./format.ts";
import { html, type Markup } from "./html.ts";
import { inlineFigure } from "./inline-figure.ts";
import type { TargetResults } from "./page.ts";
import { figureCaption, tableFiles } from "./page-document.ts";
import type { BackboneCard } from "./request.ts";
import type { RobustnessResults } from "./robustness-results.ts";
import { tableHtml } from "./table.ts";

/** How the model does on the same test pictures when they are corrupted, step by step. */
export function robustnessSection(targets: readonly TargetResults[], backbone: BackboneCard): Markup {
  return html`<p>The same test images under graded occlusion, light, contrast, blur, noise, JPEG compression and roll of the head. “None” is the test set as it is, with the accuracy of the results above.</p>
${targets.map(({ title, results, robustness }) => {
  if (robustness === undefined) return false;
  const { figure, table, own, undrawn, sprite } = robustness;
  const about = `${title}, ${results.split} split, ${grouped(own.none.accuracy.n)} samples a level.${
    undrawn > 0 ? ` ${undrawn} further models stand in the table alone.` : ""
  }`;
  return html`<p>${steepest(robustness)}</p>
<div class="wide">${inlineFigure(figure, figureCaption(about, backbone))}</div>
${tableHtml(table)}${tableFiles(table)}${sprite && sheet(robustness)}`;
})}`;
}

/** The mildest level of each kind that costs a tenth of what is right as it is. */
function steepest({ own }: RobustnessResults): string {
  const { none, corruptions } = own;
  const costly = corruptions.flatMap(({ title, unit, levels }) => {
    const level = levels.find(({ accuracy }) => accuracy.value < 0.9 * none.accuracy.value);
    return level ? `${title} ${level.value} (${unit}): ${percent(level.accuracy.value, 1)}%` : [];
  });
  if (costly.length === 0) return "No level of any kind costs a tenth of the right answers.";
  return `From these levels on a tenth of the right answers is lost, or more: ${costly.join("; ")}.`;
}

/** One face under every kind and level, with what the model takes it for. */
function sheet({ own, sprite }: RobustnessResults): Markup {
  const { example, corruptions } = own;
  let place = 1;
  const tile = (at: number, caption: string) => {
    const { predicted, confidence } = example.answers[at]!;
    const isRight = predicted === example.label;
    return html`<td><span class="face" role="img" aria-label="Face ${example.id}, ${caption}" style="${placeInSprite(at)}"></span><span>${caption}</span><span class="${isRight ? "sure" : "sure wrong"}">${predicted} ${percent(confidence, 0)}%</span></td>
`;
  };
  return html`<h3>One face, every level</h3>
<p class="note">A test image of “${example.label}”, ${example.id}, and what the model takes it for, with its probability; <span class="wrong">marked</span> where that is wrong.</p>
<div class="sheet faces-table" tabindex="0" role="region" aria-label="One face under every corruption" style="${spriteStyle(sprite!)}">
<table><tbody>
${corruptions.map(
  ({ title, unit, levels }) => html`<tr><th scope="row">${title}<span class="sure">${unit}</span></th>
${tile(0, "as it is")}${levels.map(({ value }) => tile(place++, String(value)))}</tr>
`,
)}</tbody></table>
</div>
`;
}
