/** How much of something the items under way may come to together, such as bytes; one item may be more. */
export interface Room<T> {
  readonly most: number;
  weigh(item: T): number;
}

/** Maps in order, with up to `ahead` calls under way at once, and no more than there is `room` for. */
export async function* mapAhead<T, U>(
  items: AsyncIterable<T> | Iterable<T>,
  ahead: number,
  map: (item: T) => Promise<U>,
  room: Room<T> = { most: Number.POSITIVE_INFINITY, weigh: () => 0 },
): AsyncGenerator<U> {
  const pending: { result: Promise<U>; weight: number }[] = [];
  let load = 0;
  const next = (): Promise<U> => {
    const { result, weight } = pending.shift()!;
    load -= weight;
    return result;
  };
  try {
    for await (const item of items) {
      const weight = room.weigh(item);
      while (pending.length > 0 && load + weight > room.most) yield await next();
      const result = map(item);
      result.catch(() => {}); // it is thrown when its turn comes
      pending.push({ result, weight });
      load += weight;
      if (pending.length >= ahead) yield await next();
    }
    while (pending.length > 0) yield await next();
  } finally {
    await Promise.allSettled(pending.map(({ result }) => result));
  }
}
