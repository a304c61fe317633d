import { type LayerMaps, readLayerMaps } from "./attention-maps.ts";
import { type AttentionRow, attentionTable } from "./attention-table.ts";
import { facePictures } from "./face-pictures.ts";
import { heatOverlay } from "./heat-overlay.ts";
import { type MapLayer, readActivationMaps } from "./read-activation-maps.ts";
import type { Prediction } from "./read-evaluation.ts";
import type { BackboneCard } from "./request.ts";
import type { Table } from "./table.ts";
import { type TileSheet, tileSheet } from "./tile-sheet.ts";

/** What the page shows of where the model looks in the test pictures of one target. */
export interface AttentionResults {
  layers: readonly MapLayer[];
  /** Classes that have something to show: the mean of the right answers, then right and wrong ones, the surest first. */
  classes: readonly { name: string; cards: readonly AttentionCard[] }[];
  table: Table<AttentionRow>;
  tiles: TileSheet;
}

/** A face, or the mean of some, with a row of maps for each class that is asked about. */
export interface AttentionCard {
  /** Right answers that it is the mean of; or a single one. */
  of: { kind: "mean"; n: number } | { kind: "sample"; id: string; predicted: string; confidence: number };
  /** The face's tile; undefined where images may not be shown. */
  face: number | undefined;
  /** Tiles by layer. */
  rows: readonly { evidenceFor: string; tiles: readonly number[] }[];
}

/** Answers of each class that are shown: with the mean, as many right as wrong ones. */
const RIGHT_SHOWN = 3;
const WRONG_SHOWN = 4;
/** Side of a tile, in pixels. */
const SIDE = 96;
const COLUMNS = 24;

/** @returns undefined where the stage has no maps of this target */
export async function attentionResults(request: {
  /** The activation-maps stage's folder. */
  dir: string;
  target: { name: string; target: string; title: string; split: string };
  backbone: BackboneCard;
  classes: readonly string[];
  /** In test order. */
  predictions: readonly Prediction[];
  /** faces.npy; undefined where images may not be shown. */
  facesFile: string | undefined;
}): Promise<AttentionResults | undefined> {
  const { dir, target, backbone, classes, predictions, facesFile } = request;
  const { layers, targets } = await readActivationMaps(dir);
  const files = targets.find((one) => one.target === target.target && one.split === target.split)?.files;
  if (files === undefined) return undefined;
  const chosen = classes.map((_, c) => [
    ...surest(predictions, RIGHT_SHOWN, ({ label, predicted }) => label === c && predicted === c),
    ...surest(predictions, WRONG_SHOWN, ({ label, predicted }) => label === c && predicted !== c),
  ]);
  const places = new Set(chosen.flat());
  const maps: LayerMaps[] = [];
  for (const [i, layer] of layers.entries()) {
    maps.push(await readLayerMaps(dir, { layer, files: files[i]! }, { predictions, classes, places }));
  }
  const faces =
    facesFile === undefined
      ? undefined
      : await facePictures(facesFile, { predictions, classes, places, side: SIDE });

  const tiles: Uint8Array[] = [];
  const addTile = (tile: Uint8Array) => tiles.push(tile) - 1;
  const draw = async (
    face: Uint8Array | undefined,
    asked: readonly { evidenceFor: string; maps: Float32Array[] }[],
  ) => {
    // Maps of one face and layer have one scale, so that a row can be compared with the other.
    const largest = layers.map((_, i) => Math.max(...asked.flatMap((row) => [...row.maps[i]!])));
    const at = face && addTile(face);
    const rows = [];
    for (const { evidenceFor, maps: ofLayers } of asked) {
      const row: number[] = [];
      for (const [i, { height, width }] of layers.entries()) {
        const map = { data: ofLayers[i]!, height, width };
        row.push(addTile(await heatOverlay(map, largest[i]!, { side: SIDE, face })));
      }
      rows.push({ evidenceFor, tiles: row });
    }
    return { face: at, rows };
  };

  const shown: { name: string; cards: AttentionCard[] }[] = [];
  for (const [c, name] of classes.entries()) {
    const cards: AttentionCard[] = [];
    const means = maps.flatMap(({ means: ofLayer }) => ofLayer[c] ?? []);
    if (means.length === layers.length) {
      const n = predictions.filter(({ label, predicted }) => label === c && predicted === c).length;
      const drawn = await draw(faces?.means[c], [{ evidenceFor: name, maps: means }]);
      cards.push({ of: { kind: "mean", n }, ...drawn });
    }
    for (const place of chosen[c]!) {
      const { id, predicted, confidence } = predictions[place]!;
      const answer = classes[predicted]!;
      const drawn = await draw(faces?.samples.get(place), [
        { evidenceFor: answer, maps: maps.map((ofLayer) => ofLayer.predicted.get(place)!) },
        ...(predicted === c
          ? []
          : [{ evidenceFor: name, maps: maps.map((ofLayer) => ofLayer.label.get(place)!) }]),
      ]);
      cards.push({ of: { kind: "sample", id, predicted: answer, confidence }, ...drawn });
    }
    if (cards.length > 0) shown.push({ name, cards });
  }
  return {
    layers,
    classes: shown,
    table: attentionTable(target, maps.at(-1)!.thirds, layers.at(-1)!, backbone),
    tiles: await tileSheet(tiles, SIDE, COLUMNS),
  };
}

/** The places of the surest predictions of a kind, ties in test order. */
function surest(
  predictions: readonly Prediction[],
  count: number,
  isOfKind: (one: Prediction) => boolean,
): number[] {
  return [...predictions.keys()]
    .filter((place) => isOfKind(predictions[place]!))
    .sort((a, b) => predictions[b]!.confidence - predictions[a]!.confidence || a - b)
    .slice(0, count);
}
