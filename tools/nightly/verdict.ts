import { mcnemarTest } from "@fer-bench/metrics";

/** How fast something is, round by round, as a share of a reference kernel's rate in the same round. */
export interface Speed {
  readonly what: string;
  /** The processor's name: shares of two kinds of it are not compared. */
  readonly cpu: string;
  readonly shares: readonly number[];
}

/** A run on a target, before and now, on the samples that both were tested on. */
export interface AccuracyChange {
  /** `<benchmark>`, or `<benchmark>/<cell>`. */
  readonly run: string;
  readonly target: string;
  readonly n: number;
  readonly before: number;
  readonly now: number;
  /** Samples that it alone got right. */
  readonly onlyBefore: number;
  readonly onlyNow: number;
}

export interface Line {
  readonly kind: "same" | "better" | "worse" | "not compared";
  readonly text: string;
}

/** The chance that a night in which nothing changed is called worse, of all its comparisons together. */
const FALSE_ALARMS = 0.001;
/**
 * And by so much it has to be worse: a network trained with another seed is another network, whose accuracy differs by
 * more than the chance of the test samples alone.
 */
const LEAST_POINTS = 0.02;
/** Of the share of the reference kernel; nights of a machine that others use differ by a few percent. */
const LEAST_SLOWDOWN = 0.1;

/** What became of accuracy: McNemar's exact test of each pair, by Bonferroni as strict as there are pairs. */
export function judgeAccuracy(changes: readonly AccuracyChange[]): Line[] {
  return changes.map(({ run, target, n, before, now, onlyBefore, onlyNow }) => {
    const { p } = mcnemarTest(onlyBefore, onlyNow).exact;
    const beyondNoise = p < FALSE_ALARMS / changes.length && Math.abs(now - before) >= LEAST_POINTS;
    const kind = !beyondNoise ? "same" : now < before ? "worse" : "better";
    const points = `${now < before ? "" : "+"}${(100 * (now - before)).toFixed(2)} points`;
    const text = `accuracy of ${run} on ${target}: ${percent(before)} -> ${percent(now)} (${points}, n = ${n}, p = ${p.toPrecision(2)})`;
    return { kind, text };
  });
}

/** What became of speed: the rounds of both nights by the Mann-Whitney test, and their medians. */
export function judgeSpeed(before: Speed | undefined, now: Speed): Line {
  const median = medianOf(now.shares);
  const said = `${percent(median)} of the reference kernel`;
  if (before === undefined) return { kind: "not compared", text: `${now.what}: ${said}, for the first time` };
  if (before.cpu !== now.cpu || before.what !== now.what) {
    return { kind: "not compared", text: `${now.what}: ${said}; before on ${before.cpu}, now on ${now.cpu}` };
  }
  const change = median / medianOf(before.shares) - 1;
  const p = rankTest(before.shares, now.shares);
  const beyondNoise = p < FALSE_ALARMS && Math.abs(change) >= LEAST_SLOWDOWN;
  const kind = !beyondNoise ? "same" : change < 0 ? "worse" : "better";
  const by = `${change < 0 ? "" : "+"}${(100 * change).toFixed(1)}%`;
  const text = `${now.what}: ${percent(medianOf(before.shares))} -> ${said} (${by}, p = ${p.toPrecision(2)})`;
  return { kind, text };
}

/**
 * Two-sided p of the Mann-Whitney test, exact: the share of all ways to deal the ranks to the two samples whose rank sum is as far
 * from its mean. H. B. Mann and D. R. Whitney, Annals of Mathematical Statistics 18 (1947) 50-60. Of equal values, the
 * earlier in the first sample counts as the smaller, which measured rates never are.
 */
export function rankTest(first: readonly number[], second: readonly number[]): number {
  const [m, n] = [first.length, second.length];
  // U: pairs in which the second's is smaller.
  const u = first.reduce((sum, a) => sum + second.filter((b) => b < a).length, 0);
  const ways = waysToDeal(m, n);
  const total = ways.reduce((sum, count) => sum + count, 0);
  const tail = Math.min(u, m * n - u);
  const below = ways.slice(0, tail + 1).reduce((sum, count) => sum + count, 0);
  return Math.min(1, (2 * below) / total);
}

/** In how many ways m and n values can be ranked with each U from 0 to m n: the recurrence of Mann and Whitney's paper. */
function waysToDeal(m: number, n: number): number[] {
  // [i][u] for j values of the second sample, j growing.
  let rows = Array.from({ length: m + 1 }, () => [1]);
  for (let j = 1; j <= n; j++) {
    const next: number[][] = [[1]];
    for (let i = 1; i <= m; i++) {
      const fewer = next[i - 1]!;
      const others = rows[i]!;
      // The largest is of the first sample, above all j of the second; or of the second.
      next.push(Array.from({ length: i * j + 1 }, (_, u) => (fewer[u - j] ?? 0) + (others[u] ?? 0)));
    }
    rows = next;
  }
  return rows[m]!;
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[Math.floor((sorted.length - 1) / 2)]! + sorted[Math.ceil((sorted.length - 1) / 2)]!) / 2;
}

const percent = (share: number) => `${(100 * share).toFixed(2)}%`;
