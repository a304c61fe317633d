import { expect, it } from "vitest";
import { mapAhead } from "./map-ahead.ts";

async function* numbers(count: number): AsyncGenerator<number> {
  for (let i = 0; i < count; i++) yield i;
}

/** Maps ten numbers, later ones faster, and tells the most that were under way at once, and their sum. */
async function follow(ahead: number, room?: Parameters<typeof mapAhead<number, number>>[3]) {
  const underWay = new Set<number>();
  const seen = { most: 0, load: 0 };
  const results: number[] = [];
  const map = async (item: number): Promise<number> => {
    underWay.add(item);
    seen.most = Math.max(seen.most, underWay.size);
    seen.load = Math.max(
      seen.load,
      [...underWay].reduce((sum, one) => sum + one, 0),
    );
    await new Promise((resolve) => setTimeout(resolve, 10 - item));
    underWay.delete(item);
    return 10 * item;
  };
  for await (const result of mapAhead(numbers(10), ahead, map, room)) results.push(result);
  return { results, ...seen };
}

const inOrder = Array.from({ length: 10 }, (_, i) => 10 * i);

it("keeps the order, with so many calls under way", async () => {
  expect(await follow(4)).toMatchObject({ results: inOrder, most: 4 });
  expect(await follow(1)).toMatchObject({ results: inOrder, most: 1 });
});

it("keeps what is under way within the room that there is, but for one item alone", async () => {
  const { results, load } = await follow(10, { most: 8, weigh: (item) => item });
  expect(results).toEqual(inOrder);
  expect(load).toBeGreaterThan(4);
  expect(load).toBeLessThanOrEqual(9);
});

it("throws what a call throws when its turn comes, and lets the others end", async () => {
  const ended: number[] = [];
  const taken: number[] = [];
  const mapping = mapAhead(numbers(6), 3, async (item) => {
    if (item === 1) throw new Error("one");
    await new Promise((resolve) => setTimeout(resolve, 5));
    ended.push(item);
    return item;
  });
  const reading = (async () => {
    for await (const item of mapping) taken.push(item);
  })();
  await expect(reading).rejects.toThrow("one");
  expect(taken).toEqual([0]);
  expect(ended).toEqual([0, 2, 3]);
});
