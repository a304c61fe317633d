import type { Progress } from "@fer-bench/artifacts";
import { grouped, percent } from "./format.ts";
import type { Matrix } from "./matrix.ts";
import { type Neighbours, nearestNeighbours } from "./neighbours.ts";
import { type PrincipalComponents, principalComponents } from "./pca.ts";
import type { ReportRequest } from "./request.ts";
import { drawSubset } from "./subset.ts";
import { trustworthiness } from "./trustworthiness.ts";
import { neighboursOf, tsne } from "./tsne.ts";
import { umap } from "./umap.ts";

/** Test features laid out on a plane. */
export interface FeatureMap {
  method: "t-SNE" | "UMAP";
  /** Rows of the test set that are drawn, ascending, [n]. */
  indices: Uint32Array;
  /** [n, 2] */
  points: Matrix<Float64Array>;
  /** How it was made and how good it is, in words. */
  account: string;
  /** The same in a line. */
  summary: string;
}

/** Both methods start from so many principal components, the usual first step (van der Maaten and Hinton 2008). */
const COMPONENTS = 50;
/** Neighbours that trustworthiness looks at: scikit-learn's default. */
const TRUST_NEIGHBOURS = 5;
/** Below this a map says nothing, and trustworthiness is undefined. */
export const FEWEST_POINTS = 2 * TRUST_NEIGHBOURS + 2;

/**
 * t-SNE and UMAP of seeded subsets of the test features; empty where there are fewer than FEWEST_POINTS samples.
 *
 * @param total how many test samples there are
 * @param readRows gives the named rows of the features
 */
export async function featureMaps(
  total: number,
  readRows: (indices: Uint32Array) => Promise<Matrix>,
  settings: Pick<ReportRequest, "tsne" | "umap">,
  progress: Progress,
): Promise<FeatureMap[]> {
  if (Math.min(total, settings.tsne.points, settings.umap.points) < FEWEST_POINTS) return [];
  const tsneSubset = await subsetOf(total, readRows, settings.tsne);
  const sameSubset =
    settings.umap.points === settings.tsne.points && settings.umap.seed === settings.tsne.seed;
  const umapSubset = sameSubset ? tsneSubset : await subsetOf(total, readRows, settings.umap);
  const known = sameSubset ? neighboursOfBoth(tsneSubset, settings) : undefined;
  const maps = [
    tsneMap(tsneSubset, settings.tsne, progress, known),
    umapMap(umapSubset, settings.umap, known),
  ];
  // Every distance in the data is behind it: of one subset, once for both maps.
  const trust = sameSubset
    ? trustworthiness(tsneSubset.features, pointsOf(maps), TRUST_NEIGHBOURS)
    : [tsneSubset, umapSubset].flatMap(({ features }, i) =>
        trustworthiness(features, pointsOf([maps[i]!]), TRUST_NEIGHBOURS),
      );
  return maps.map(({ account, ...map }, i) => ({
    ...map,
    account: `${account}, trustworthiness ${trust[i]!.toFixed(3)} at ${TRUST_NEIGHBOURS} neighbours.`,
  }));
}

function neighboursOfBoth({ reduced }: Subset, settings: Pick<ReportRequest, "tsne" | "umap">): Neighbours {
  const { rows } = reduced.scores;
  const most = Math.max(neighboursOf(rows, settings.tsne.perplexity), settings.umap.neighbours);
  return nearestNeighbours(reduced.scores, Math.min(most, rows - 1));
}

const pointsOf = (maps: readonly { points: Matrix }[]) => maps.map(({ points }) => points);

interface Subset {
  indices: Uint32Array;
  features: Matrix;
  reduced: PrincipalComponents;
  /** "1,000 of 3,589 test samples (seed 1), 1,280 features, PCA to 50 (83.8% of the variance)" */
  account: string;
}

async function subsetOf(
  total: number,
  readRows: (indices: Uint32Array) => Promise<Matrix>,
  { points, seed }: { points: number; seed: number },
): Promise<Subset> {
  const indices = drawSubset(total, points, seed);
  const features = await readRows(indices);
  const reduced = principalComponents(features, COMPONENTS, seed);
  const explained = reduced.explained.reduce((sum, share) => sum + share, 0);
  const drawn =
    indices.length === total
      ? `All ${grouped(total)} test samples`
      : `${grouped(indices.length)} of ${grouped(total)} test samples drawn with seed ${seed}`;
  return {
    indices,
    features,
    reduced,
    account: `${drawn}; ${grouped(features.columns)} features, by PCA to ${
      reduced.scores.columns
    } components (${percent(explained, 1)}% of the variance)`,
  };
}

function tsneMap(
  subset: Subset,
  settings: ReportRequest["tsne"],
  progress: Progress,
  known: Neighbours | undefined,
): FeatureMap {
  const iterations = 1000;
  const task = progress.start("t-SNE", iterations, "iterations");
  const { perplexity, seed } = settings;
  const options = { perplexity, seed, iterations, onIteration: (done: number) => task.update(done) };
  const map = tsne(subset.reduced.scores, options, known);
  task.end(`KL divergence ${map.klDivergence.toFixed(3)}`);
  return {
    method: "t-SNE",
    indices: subset.indices,
    points: map.points,
    account: `${subset.account}; t-SNE from a PCA start, perplexity ${Number(map.perplexity.toFixed(1))}, ${grouped(
      iterations,
    )} iterations: KL divergence ${map.klDivergence.toFixed(3)}`,
    summary: `${grouped(map.points.rows)} samples, perplexity ${Number(map.perplexity.toFixed(1))}, KL divergence ${map.klDivergence.toFixed(3)}`,
  };
}

function umapMap(subset: Subset, settings: ReportRequest["umap"], known: Neighbours | undefined): FeatureMap {
  const neighbours = Math.min(settings.neighbours, subset.indices.length - 1);
  const points = umap(subset.reduced.scores, { ...settings, neighbours }, known);
  return {
    method: "UMAP",
    indices: subset.indices,
    points,
    account: `${subset.account}; UMAP with ${neighbours} neighbours, minimum distance ${
      settings.minDistance
    }, seed ${settings.seed}`,
    summary: `${grouped(points.rows)} samples, ${neighbours} neighbours, minimum distance ${settings.minDistance}`,
  };
}
