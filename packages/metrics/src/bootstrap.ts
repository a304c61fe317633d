/** A value and what it comes to in samples drawn anew from the same samples. */
export interface BootstrapInterval {
  value: number;
  low: number;
  high: number;
  /** Coverage of [low, high]. */
  confidence: 0.95;
  method: "bootstrap";
  resamples: number;
  /** How many groups were drawn, such as subjects; null where samples were drawn one by one. */
  groups: number | null;
}

export interface BootstrapRequest {
  /** How many samples there are. */
  count: number;
  /** Called with indices of samples, each as often as it was drawn; may keep nothing of the array. */
  statistic: (indices: Int32Array) => number;
  /** The group of each sample, [count]: groups are drawn whole, since their samples are not independent. */
  groups?: ArrayLike<number | string> | undefined;
  resamples?: number | undefined;
  /** Uniform numbers in [0, 1), one for each draw. */
  random: { next(): number };
}

const RESAMPLES = 2000;

/**
 * The 95% percentile interval of any statistic. B. Efron and R. J. Tibshirani, "An introduction to the bootstrap"
 * (1993), chapter 13; of groups: A. C. Davison and D. V. Hinkley, "Bootstrap methods and their application" (1997),
 * section 3.8.
 *
 * @throws RangeError where there is no sample, or groups are not one a sample
 */
export function bootstrapInterval(request: BootstrapRequest): BootstrapInterval {
  const { statistic, ...rest } = request;
  return bootstrapIntervals({ ...rest, statistics: (indices) => ({ value: statistic(indices) }) }).value;
}

/**
 * The same of several statistics on the same resamples.
 *
 * @throws RangeError as `bootstrapInterval`
 */
export function bootstrapIntervals<Name extends string>(
  request: Omit<BootstrapRequest, "statistic"> & {
    statistics: (indices: Int32Array) => Readonly<Record<Name, number>>;
  },
): Record<Name, BootstrapInterval> {
  const { values, drawn, groups } = resample(request);
  const intervals = Object.keys(values).map((name) => {
    const ascending = Float64Array.from(drawn, (one) => one[name as Name]).sort();
    return [name, intervalOf(values[name as Name], ascending, groups)] as const;
  });
  return Object.fromEntries(intervals) as Record<Name, BootstrapInterval>;
}

/** A difference of two models on the same samples. */
export interface PairedBootstrap extends BootstrapInterval {
  /**
   * Two-sided: twice the smaller share of resamples in which the difference is not above, or not below 0, the samples
   * themselves counted in, so that it is never 0 (Davison and Hinkley 1997, section 4.4).
   */
  p: number;
}

/**
 * The bootstrap of the difference second - first of a statistic, both on the same resamples.
 *
 * @throws RangeError as `bootstrapInterval`
 */
export function pairedBootstrap(
  request: Omit<BootstrapRequest, "statistic"> & {
    first: BootstrapRequest["statistic"];
    second: BootstrapRequest["statistic"];
  },
): PairedBootstrap {
  const { first, second, ...rest } = request;
  const statistics = (indices: Int32Array) => ({ difference: second(indices) - first(indices) });
  const { values, drawn, groups } = resample({ ...rest, statistics });
  const ascending = Float64Array.from(drawn, ({ difference }) => difference).sort();
  const share = (test: (drawn: number) => boolean) =>
    (ascending.filter(test).length + 1) / (ascending.length + 1);
  return {
    ...intervalOf(values.difference, ascending, groups),
    p: Math.min(
      1,
      2 *
        Math.min(
          share((d) => d <= 0),
          share((d) => d >= 0),
        ),
    ),
  };
}

function intervalOf(value: number, ascending: Float64Array, groups: number | null): BootstrapInterval {
  return {
    value,
    low: quantile(ascending, 0.025),
    high: quantile(ascending, 0.975),
    confidence: 0.95,
    method: "bootstrap",
    resamples: ascending.length,
    groups,
  };
}

/** Statistics of the samples themselves, and of each resample. */
function resample<Statistics>({
  count,
  statistics,
  groups,
  resamples = RESAMPLES,
  random,
}: Omit<BootstrapRequest, "statistic"> & { statistics: (indices: Int32Array) => Statistics }) {
  if (count < 1) throw new RangeError("no samples to draw from");
  if (groups !== undefined && groups.length !== count) {
    throw new RangeError(`${groups.length} groups, but ${count} samples`);
  }
  const members = groups === undefined ? undefined : membersOf(groups);
  const draw = members === undefined ? () => drawSamples(count, random) : () => drawGroups(members, random);
  return {
    values: statistics(Int32Array.from({ length: count }, (_, i) => i)),
    drawn: Array.from({ length: resamples }, () => statistics(draw())),
    groups: members?.length ?? null,
  };
}

function drawSamples(count: number, random: { next(): number }): Int32Array {
  const drawn = new Int32Array(count);
  for (let i = 0; i < count; i++) drawn[i] = Math.floor(random.next() * count);
  return drawn;
}

function drawGroups(members: readonly (readonly number[])[], random: { next(): number }): Int32Array {
  return Int32Array.from(members.flatMap(() => members[Math.floor(random.next() * members.length)]!));
}

/** The samples of each group, groups in the order in which they first occur. */
function membersOf(groups: ArrayLike<number | string>): number[][] {
  const members = new Map<number | string, number[]>();
  for (let i = 0; i < groups.length; i++) {
    const group = members.get(groups[i]!) ?? [];
    group.push(i);
    members.set(groups[i]!, group);
  }
  return [...members.values()];
}

/** Linear between the two nearest of the ascending values, as numpy's default. */
function quantile(ascending: Float64Array, share: number): number {
  const place = share * (ascending.length - 1);
  const below = Math.floor(place);
  const above = Math.min(below + 1, ascending.length - 1);
  return ascending[below]! + (place - below) * (ascending[above]! - ascending[below]!);
}
