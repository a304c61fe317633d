import { jointProbabilities } from "./affinities.ts";
import { klDivergence } from "./kl-divergence.ts";
import type { Matrix } from "./matrix.ts";
import { fewerNeighbours, type Neighbours, nearestNeighbours } from "./neighbours.ts";
import { principalComponents } from "./pca.ts";
import { createDescent } from "./tsne-descent.ts";

export interface TsneOptions {
  /** Effective number of neighbours; the usual 5 to 50. */
  perplexity: number;
  /** Of the sketch behind the PCA start; nothing else is random. */
  seed: number;
  iterations?: number;
  /** Called every 50 iterations. */
  onIteration?: (iteration: number) => void;
}

export interface TsneEmbedding {
  /** [rows, 2], centred. */
  points: Matrix<Float64Array>;
  /** Kullback-Leibler divergence of the map from the data, in nats. */
  klDivergence: number;
  /** As used: no more than a third of the other points. */
  perplexity: number;
  iterations: number;
}

/**
 * The optimiser's settings of openTSNE (Poličar, Stražar and Zupan 2019) and scikit-learn: two phases, each with
 * fresh momentum and gains, and a learning rate of n / exaggeration but at least 200 (in scikit-learn's units,
 * which multiply the gradient by 4, a quarter of that).
 */
const EXAGGERATED_ITERATIONS = 250;
const EXAGGERATED = { exaggeration: 12, momentum: 0.5 };
const PLAIN = { exaggeration: 1, momentum: 0.8 };
const SMALLEST_LEARNING_RATE = 200;
/** Of more points than these, only the nearest three times the perplexity attract one (van der Maaten 2014). */
const ALL_ATTRACT_UP_TO = 1000;
const NEIGHBOURS_OF_PERPLEXITY = 3;
/** scikit-learn's and openTSNE's. */
const THETA = 0.5;
/** Standard deviation of the start's first coordinate (Kobak and Berens 2019). */
const START_DEVIATION = 1e-4;

/**
 * t-SNE to two dimensions, far points repelling by the cell: L. van der Maaten and G. Hinton, "Visualizing data using
 * t-SNE", JMLR 9 (2008); L. van der Maaten, "Accelerating t-SNE using tree-based algorithms", JMLR 15 (2014). Exact
 * nearest neighbours; the divergence that it reports has an exact normaliser.
 *
 * @param features [rows, columns], at least 4 rows
 * @param known neighbours of the rows, `neighboursOf` or more, where there are any
 * @throws RangeError where there are fewer than 4 points
 */
export function tsne(features: Matrix, options: TsneOptions, known?: Neighbours): TsneEmbedding {
  const n = features.rows;
  if (n < 4) throw new RangeError(`t-SNE needs at least 4 points, got ${n}`);
  const perplexity = cappedPerplexity(n, options.perplexity);
  const iterations = options.iterations ?? 1000;
  const count = neighboursOf(n, perplexity);
  const p = jointProbabilities(
    known ? fewerNeighbours(known, count) : nearestNeighbours(features, count),
    perplexity,
  );
  const learningRate = Math.max(n / EXAGGERATED.exaggeration, SMALLEST_LEARNING_RATE);
  const descent = createDescent(startingPoints(features, options.seed), p);
  for (let iteration = 0; iteration < iterations; iteration++) {
    const { exaggeration, momentum } = iteration < EXAGGERATED_ITERATIONS ? EXAGGERATED : PLAIN;
    if (iteration === 0 || iteration === EXAGGERATED_ITERATIONS) descent.rest();
    descent.fillGradient(exaggeration, THETA);
    descent.descend(learningRate, momentum);
    if ((iteration + 1) % 50 === 0) options.onIteration?.(iteration + 1);
  }
  const points = descent.points.slice();
  centre(points);
  return {
    points: { rows: n, columns: 2, data: points },
    klDivergence: klDivergence(points, p),
    perplexity,
    iterations,
  };
}

/** How many neighbours of each of n points attract it. */
export function neighboursOf(n: number, perplexity: number): number {
  return n <= ALL_ATTRACT_UP_TO
    ? n - 1
    : Math.floor(NEIGHBOURS_OF_PERPLEXITY * cappedPerplexity(n, perplexity));
}

function cappedPerplexity(n: number, perplexity: number): number {
  return Math.min(perplexity, (n - 1) / 3);
}

/** The first two principal components, scaled down together. */
function startingPoints(features: Matrix, seed: number): Float64Array {
  const { scores } = principalComponents(features, 2, seed);
  const points = new Float64Array(2 * features.rows);
  let squares = 0;
  for (let i = 0; i < scores.rows; i++) squares += scores.data[i * scores.columns]! ** 2;
  const scale = START_DEVIATION / (Math.sqrt(squares / scores.rows) || 1);
  for (let i = 0; i < scores.rows; i++) {
    for (let k = 0; k < scores.columns; k++) points[2 * i + k] = scores.data[i * scores.columns + k]! * scale;
  }
  return points;
}

function centre(points: Float64Array): void {
  for (const axis of [0, 1]) {
    let sum = 0;
    for (let i = axis; i < points.length; i += 2) sum += points[i]!;
    const mean = sum / (points.length / 2);
    for (let i = axis; i < points.length; i += 2) points[i]! -= mean;
  }
}
