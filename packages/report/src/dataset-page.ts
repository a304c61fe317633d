import { type FaceSprite, placeInSprite, spriteStyle } from "./face-sprite.ts";
import type { Figure } from "./figure.ts";
import { counted, grouped, percent } from "./format.ts";
import { html, type Markup } from "./html.ts";
import { inlineFigure } from "./inline-figure.ts";
import { pageDocument, tiles } from "./page-document.ts";
import { dataSection } from "./page-origins.ts";
import type { DatasetRecord, FoundFaces, PreparedDataset } from "./read-dataset.ts";
import { pairCounts, type RepeatGroup } from "./repeat-groups.ts";
import type { DataSetCard } from "./request.ts";
import { type Table, tableHtml } from "./table.ts";

export interface DatasetPageContent {
  summary: PreparedDataset;
  card: DataSetCard;
  notes: readonly string[];
  records: readonly DatasetRecord[];
  balance: Figure;
  exact: readonly RepeatGroup[];
  /** Exact copies and near ones. */
  groups: readonly RepeatGroup[];
  /** Those shown, in order of weight, and which of their members are. */
  shown: readonly { group: RepeatGroup; members: readonly DatasetRecord[] }[];
  /** The faces of all images that are shown, and where it has each, by its number; undefined where none may be shown. */
  faces: { sprite: FaceSprite; places: ReadonlyMap<number, number> } | undefined;
  blankShown: readonly DatasetRecord[];
  facelessShown: readonly DatasetRecord[];
  /** undefined where the set was not preprocessed. */
  found: FoundFaces | undefined;
  /** Why no image stands in the page. */
  withoutImages: string | undefined;
}

const STYLE = `
.copies { display: flex; flex-wrap: wrap; gap: .5rem 1.5rem; margin: 1rem 0; padding: 0; list-style: none; }
.copies > li { padding: .5rem .6rem; background: var(--raised); border: 1px solid var(--rule); border-radius: 8px; font-size: .8rem; }
.copies > li.conflict { border-color: var(--warn-rule); }
.copies .members { display: flex; flex-wrap: wrap; gap: .5rem; }
.copies .members > div { width: 96px; line-height: 1.3; overflow-wrap: anywhere; }
.copies span { display: block; }
.copies .face { width: 96px; height: 96px; margin-bottom: .25rem; border-radius: 4px; }
.copies .face, .faces .face { background: var(--sprite) 0 0 / var(--sprite-width) 96px; }
.copies .kind { color: var(--muted); }
`;

/** The whole report of a data set: one document that asks for nothing from outside. */
export function datasetPage(content: DatasetPageContent): string {
  const { summary, card } = content;
  return pageDocument({
    page: { name: summary.name, title: `${summary.title}: what is in it` },
    summary: summaryLine(content),
    caveat: false,
    // Once for all lists of faces.
    style: content.faces ? `${STYLE}:root { ${spriteStyle(content.faces.sprite)} }\n` : STYLE,
    sections: [
      { id: "overview", heading: "Overview", body: overview(content) },
      { id: "balance", heading: "Classes", body: balanceSection(content) },
      { id: "repeats", heading: "Images that occur more than once", body: repeatsSection(content) },
      { id: "copies", heading: "The copies", body: copiesSection(content) },
      { id: "blank", heading: "Nothing to see", body: blankSection(content) },
      { id: "data", heading: "Data", body: dataSection([card]) },
    ],
  });
}

function summaryLine({ summary, records }: DatasetPageContent): string {
  const splits = Object.entries(summary.counts)
    .map(([split, counts]) => [split, sum(Object.values(counts))] as const)
    .filter(([, images]) => images > 0)
    .map(([split, images]) => `${split} ${grouped(images)}`);
  return `${grouped(records.length)} images of ${summary.classes.length} classes: ${splits.join(", ")}.`;
}

function overview({ summary, records, notes }: DatasetPageContent): Markup {
  const { duplicates, nearDuplicates, alsoInTrain, blank } = summary;
  const share = (images: number) => `${percent(images / records.length)}% of all images`;
  const test = alsoInTrain.test;
  return html`${tiles([
    { name: "Exact copies", value: grouped(duplicates.images), detail: share(duplicates.images) },
    {
      name: "Exact and near copies",
      value: grouped(nearDuplicates.images),
      detail: share(nearDuplicates.images),
    },
    ...(test === undefined
      ? []
      : [
          {
            name: "Test images also in train",
            value: grouped(test.nearly),
            detail: `${grouped(test.exactly)} of them exactly`,
          },
        ]),
    {
      name: "Copies under different labels",
      value: grouped(nearDuplicates.acrossLabels),
      detail: `${grouped(duplicates.acrossLabels)} of them exact`,
    },
    { name: "Blank images", value: grouped(blank.length), detail: share(blank.length) },
  ])}${notes.map((note) => html`<p>${note}</p>\n`)}`;
}

function balanceSection({ summary, balance }: DatasetPageContent): Markup {
  const train = summary.counts.train ?? {};
  const sorted = Object.entries(train)
    .filter(([, images]) => images > 0)
    .sort(([, a], [, b]) => b - a);
  const [most, least] = [sorted[0], sorted.at(-1)];
  return html`${
    most !== undefined &&
    least !== undefined &&
    html`<p>In train, ${most[0]} has ${grouped(most[1])} images and ${least[0]} ${grouped(least[1])}: ${(most[1] / least[1]).toFixed(1)} to one. Always answering ${most[0]} is right for ${percent(most[1] / sum(Object.values(train)))}% of them.</p>\n`
  }${inlineFigure(balance, html`Class balance of every split.`)}`;
}

function repeatsSection(content: DatasetPageContent): Markup {
  const { exact, groups, summary } = content;
  const { pairs, mirrored } = summary.nearDuplicates;
  return html`<p>Exact copies have the same decoded pixels. Near copies are the same photograph cropped, lightened, recompressed, marked or mirrored: candidates by a perceptual hash, confirmed by the correlation of their fine detail where they match best. There are ${grouped(pairs)} such pairs, ${grouped(mirrored)} of them mirrored. A group is of all images that copies lead to.</p>
${tableHtml(kindsTable(content))}${tableHtml(
  pairsTable("Pictures in two splits", "Splits", exact, groups, ({ splits }) => splits),
)}${tableHtml(pairsTable("Pictures under two labels", "Labels", exact, groups, ({ labels }) => labels))}
${tableHtml(inTrainTable(summary))}<p class="files">All of them: <a href="repeats.csv">repeats.csv</a></p>
`;
}

interface Kind {
  name: string;
  groups: readonly RepeatGroup[];
}

function kindsTable({ exact, groups }: DatasetPageContent): Table<Kind> {
  const images = (some: readonly RepeatGroup[]) => sum(some.map(({ members }) => members.length));
  const column = (heading: string, key: string, of: (groups: readonly RepeatGroup[]) => number) => ({
    heading,
    numeric: true,
    text: ({ groups }: Kind) => grouped(of(groups)),
    values: ({ groups }: Kind) => ({ [key]: of(groups) }),
  });
  return {
    name: "repeats",
    caption: "Pictures that occur more than once",
    rows: [
      { name: "exact", groups: exact },
      { name: "exact and near", groups },
    ],
    notes: [],
    columns: [
      { heading: "Copies", text: ({ name }) => name, values: ({ name }) => ({ kind: name }) },
      column("Pictures", "pictures", (some) => some.length),
      column("Images", "images", images),
      column("Largest group", "largest", (some) => Math.max(0, ...some.map(({ members }) => members.length))),
      column("Across splits, images", "across_splits", (some) =>
        images(some.filter(({ splits }) => splits.length > 1)),
      ),
      column("Across labels, images", "across_labels", (some) =>
        images(some.filter(({ labels }) => labels.length > 1)),
      ),
      column("Across both, images", "across_both", (some) =>
        images(some.filter(({ splits, labels }) => splits.length > 1 && labels.length > 1)),
      ),
    ],
  };
}

interface PairRow {
  pair: string;
  exact: number;
  all: number;
}

function pairsTable(
  caption: string,
  heading: string,
  exact: readonly RepeatGroup[],
  groups: readonly RepeatGroup[],
  keysOf: (group: RepeatGroup) => readonly string[],
): Table<PairRow> {
  const ofExact = new Map(pairCounts(exact, keysOf).map(({ pair, groups }) => [pair.join(", "), groups]));
  return {
    name: heading.toLowerCase(),
    caption,
    rows: pairCounts(groups, keysOf).map(({ pair, groups }) => ({
      pair: pair.join(", "),
      exact: ofExact.get(pair.join(", ")) ?? 0,
      all: groups,
    })),
    notes: [],
    columns: [
      { heading, text: ({ pair }) => pair, values: ({ pair }) => ({ pair }) },
      {
        heading: "Exact",
        numeric: true,
        text: ({ exact }) => grouped(exact),
        values: ({ exact }) => ({ exact }),
      },
      {
        heading: "Exact and near",
        numeric: true,
        text: ({ all }) => grouped(all),
        values: ({ all }) => ({ exact_and_near: all }),
      },
    ],
  };
}

function inTrainTable({
  alsoInTrain,
  counts,
}: PreparedDataset): Table<[string, { exactly: number; nearly: number }]> {
  const of = (split: string, images: number) =>
    `${grouped(images)} (${percent(images / Math.max(1, sum(Object.values(counts[split] ?? {}))))}%)`;
  return {
    name: "also-in-train",
    caption: "Images whose picture is also in train",
    rows: Object.entries(alsoInTrain),
    notes: [
      "A benchmark with train.overlap “drop-exact” or “drop-near” is trained without them; every evaluation says what its accuracy is on the other test images.",
    ],
    columns: [
      { heading: "Split", text: ([split]) => split, values: ([split]) => ({ split }) },
      {
        heading: "Exactly",
        numeric: true,
        text: ([split, { exactly }]) => of(split, exactly),
        values: ([, { exactly }]) => ({ exactly }),
      },
      {
        heading: "Exactly or nearly",
        numeric: true,
        text: ([split, { nearly }]) => of(split, nearly),
        values: ([, { nearly }]) => ({ nearly }),
      },
    ],
  };
}

function copiesSection({ groups, shown, faces, withoutImages }: DatasetPageContent): Markup {
  if (groups.length === 0) return html`<p>No picture occurs more than once.</p>\n`;
  return html`<p>${shown.length === groups.length ? `All ${counted(groups.length, "picture")}` : `${shown.length} of ${grouped(groups.length)} pictures`}, those across splits and under different labels first. ${withoutImages}</p>
<ul class="copies">
${shown.map(({ group, members }) => {
  const more = group.members.length - members.length;
  return html`<li${group.labels.length > 1 && html` class="conflict"`}><div class="members">${members.map(
    (member) =>
      html`<div>${faceOf(member, faces)}<span>${member.label}, ${member.split}</span><span class="kind">${member.id}</span></div>`,
  )}</div><span class="kind">${group.exact ? "exact" : "near"}${more > 0 && `, and ${more} more`}</span></li>
`;
})}</ul>
`;
}

function blankSection({ summary, found, faces, blankShown, facelessShown }: DatasetPageContent): Markup {
  return html`<p>${counted(summary.blank.length, "image is", "images are")} blank: hardly any light and shade in ${summary.blank.length === 1 ? "it" : "them"}.</p>
${imagesList(blankShown, faces)}${
  found === undefined
    ? html`<p>Whether images hold a face is known once the set is preprocessed.</p>\n`
    : html`<p>Faces were found as follows: ${Object.entries(found.ways)
        .map(([way, images]) => `${way} ${grouped(images)}`)
        .join(
          ", ",
        )}. ${found.faceless.length === 0 ? "No image is known to hold none." : `${counted(found.faceless.length, "image holds", "images hold")} none.`}</p>
${imagesList(facelessShown, faces)}`
}`;
}

function imagesList(records: readonly DatasetRecord[], faces: DatasetPageContent["faces"]): Markup | false {
  return (
    records.length > 0 &&
    html`<ul class="faces">
${records.map(
  (record) =>
    html`<li>${faceOf(record, faces)}<span>${record.label}, ${record.split}</span><span class="sure">${record.id}</span></li>\n`,
)}</ul>
`
  );
}

function faceOf({ id, index }: DatasetRecord, faces: DatasetPageContent["faces"]): Markup | false {
  return (
    faces?.places.has(index) === true &&
    html`<span class="face" role="img" aria-label="Image ${id}" style="${placeInSprite(faces.places.get(index)!)}"></span>`
  );
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}
