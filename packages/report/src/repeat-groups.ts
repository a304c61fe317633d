import type { DatasetRecord } from "./read-dataset.ts";

/** Records whose pictures are the same. */
export interface RepeatGroup {
  readonly number: number;
  /** Whether all have the same pixels. */
  readonly exact: boolean;
  readonly members: readonly DatasetRecord[];
  readonly labels: readonly string[];
  readonly splits: readonly string[];
}

/** The groups of a data set, in order of their numbers. */
export function repeatGroups(records: readonly DatasetRecord[]): RepeatGroup[] {
  const byNumber = new Map<number, DatasetRecord[]>();
  for (const record of records) {
    if (record.repeatGroup === undefined) continue;
    const members = byNumber.get(record.repeatGroup);
    if (members) members.push(record);
    else byNumber.set(record.repeatGroup, [record]);
  }
  return [...byNumber]
    .sort(([a], [b]) => a - b)
    .map(([number, members]) => ({
      number,
      exact: members.every(({ pixelSha256 }) => pixelSha256 === members[0]!.pixelSha256),
      members,
      labels: [...new Set(members.map(({ label }) => label))],
      splits: [...new Set(members.map(({ split }) => split))],
    }));
}

/** The same of exact copies alone: a group for each picture whose very pixels occur more than once. */
export function exactGroups(records: readonly DatasetRecord[]): RepeatGroup[] {
  const numbers = new Map<string, number>();
  const counts = new Map<string, number>();
  for (const { pixelSha256 } of records) counts.set(pixelSha256, (counts.get(pixelSha256) ?? 0) + 1);
  return repeatGroups(
    records.flatMap((record) => {
      if (counts.get(record.pixelSha256) === 1) return [];
      const repeatGroup = numbers.get(record.pixelSha256) ?? numbers.size;
      numbers.set(record.pixelSha256, repeatGroup);
      return { ...record, repeatGroup };
    }),
  );
}

/** What matters most first: copies across splits under different labels, across splits, under different labels, large ones. */
export function byWeight(groups: readonly RepeatGroup[]): RepeatGroup[] {
  const weight = ({ splits, labels }: RepeatGroup) =>
    2 * Number(splits.length > 1) + Number(labels.length > 1);
  return [...groups].sort(
    (a, b) => weight(b) - weight(a) || b.members.length - a.members.length || a.number - b.number,
  );
}

/** Up to `count` members of a group that tell most of it: first one of each split and label. */
export function tellingMembers({ members }: RepeatGroup, count: number): DatasetRecord[] {
  const firsts = new Map<string, DatasetRecord>();
  for (const member of members) {
    const kind = JSON.stringify([member.split, member.label]);
    if (!firsts.has(kind)) firsts.set(kind, member);
  }
  return [...new Set([...firsts.values(), ...members])].slice(0, count);
}

/** Groups by the pairs of keys that they bring together, most frequent first: `[["fear", "sad"], 12]`. */
export function pairCounts(
  groups: readonly RepeatGroup[],
  keysOf: (group: RepeatGroup) => readonly string[],
): { pair: [string, string]; groups: number; images: number }[] {
  const counts = new Map<string, { pair: [string, string]; groups: number; images: number }>();
  for (const group of groups) {
    const keys = [...keysOf(group)].sort();
    for (const [i, one] of keys.entries()) {
      for (const other of keys.slice(i + 1)) {
        const key = JSON.stringify([one, other]);
        const count = counts.get(key) ?? { pair: [one, other], groups: 0, images: 0 };
        count.groups += 1;
        count.images += group.members.length;
        counts.set(key, count);
      }
    }
  }
  return [...counts.values()].sort((a, b) => b.groups - a.groups || (a.pair < b.pair ? -1 : 1));
}
