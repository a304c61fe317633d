import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { balanceFigure } from "./balance-figure.ts";
import { datasetPage } from "./dataset-page.ts";
import { faceSprite } from "./face-sprite.ts";
import { type DatasetRecord, readFoundFaces, readPrepared } from "./read-dataset.ts";
import { byWeight, exactGroups, type RepeatGroup, repeatGroups, tellingMembers } from "./repeat-groups.ts";
import { type Table, tableCsv } from "./table.ts";

export interface DatasetReportRequest {
  /** The folder to write into; it exists. */
  out: string;
  /** The set's finished prepare stage. */
  prepareDir: string;
  /** Its finished preprocess stage, for faces; undefined where it has none. */
  preprocessDir: string | undefined;
  /** Whether images may stand in the page: where the licence lets them, or a user keeps the page to himself. */
  images: boolean;
  /** What a reader should know of the set, a paragraph each. */
  notes: readonly string[];
}

const GROUPS_SHOWN = 60;
const MEMBERS_SHOWN = 8;
const IMAGES_SHOWN = 48;

/**
 * Writes `dataset-report.html`, its figure in `figures/`, and `repeats.csv`, a row an image that occurs more than once.
 * The same artifacts give the same bytes.
 */
export async function writeDatasetReport(request: DatasetReportRequest): Promise<{ page: string }> {
  const { out, prepareDir, preprocessDir, images, notes } = request;
  const { summary, records } = await readPrepared(prepareDir);
  const found = preprocessDir === undefined ? undefined : await readFoundFaces(preprocessDir, records);
  const groups = repeatGroups(records);
  const shown = byWeight(groups)
    .slice(0, GROUPS_SHOWN)
    .map((group) => ({ group, members: tellingMembers(group, MEMBERS_SHOWN) }));
  const withIds = (ids: readonly string[]): DatasetRecord[] => {
    const some = new Set(ids.slice(0, IMAGES_SHOWN));
    return records.filter(({ id }) => some.has(id));
  };
  const blankShown = withIds(summary.blank);
  const facelessShown = withIds(found?.faceless ?? []);
  const drawn = [...shown.flatMap(({ members }) => members), ...blankShown, ...facelessShown];
  // What was left out for want of a face has none to show.
  const withFace = [...new Set(drawn)].filter(({ id }) => found?.rows.has(id));
  const faces =
    images && preprocessDir !== undefined && withFace.length > 0
      ? {
          sprite: await faceSprite(
            join(preprocessDir, "faces.npy"),
            withFace.map(({ id }) => found!.rows.get(id)!),
          ),
          places: new Map(withFace.map(({ index }, place) => [index, place])),
        }
      : undefined;
  const balance = await balanceFigure({
    name: "balance",
    title: `Classes of ${summary.title}`,
    classes: summary.classes,
    counts: summary.counts,
  });
  const { name, title, licence, citation, homepage, counts, checksums, warnings, dropped } = summary;
  const page = datasetPage({
    summary,
    card: {
      name,
      title,
      licence: licence.name,
      citation,
      ...(homepage !== undefined && { homepage }),
      counts,
      checksums,
      remarks: [...warnings, ...dropped.map(({ reason, count }) => `${count} left out: ${reason}.`)],
    },
    notes,
    records,
    balance,
    exact: exactGroups(records),
    groups,
    shown,
    faces,
    blankShown,
    facelessShown,
    found,
    withoutImages:
      faces !== undefined || groups.length === 0 ? undefined : whyNone(images, preprocessDir, name),
  });
  await mkdir(join(out, "figures"), { recursive: true });
  await writeFile(join(out, "figures", `${balance.name}.svg`), balance.svg);
  await writeFile(join(out, "repeats.csv"), tableCsv(repeatsTable(groups)));
  const file = join(out, "dataset-report.html");
  await writeFile(file, page);
  return { page: file };
}

function whyNone(images: boolean, preprocessDir: string | undefined, name: string): string {
  if (!images) {
    return `The licence does not let the images go where this page may go; for yourself, run: fer-bench datasets report ${name} --with-images`;
  }
  return preprocessDir === undefined ? "Images are shown once the set is preprocessed." : "";
}

function repeatsTable(groups: readonly RepeatGroup[]): Table<DatasetRecord & { exact: boolean }> {
  return {
    name: "repeats",
    caption: "Images that occur more than once",
    rows: groups.flatMap(({ members, exact }) => members.map((member) => ({ ...member, exact }))),
    notes: [],
    columns: [
      {
        heading: "Image",
        values: ({ repeatGroup, exact, id, split, label, path, pixelSha256 }) => ({
          group: repeatGroup!,
          kind: exact ? "exact" : "near",
          id,
          split,
          label,
          path,
          pixelSha256,
        }),
      },
    ],
  };
}
