/** Maps in order, with up to `ahead` calls under way at once. */
export async function* mapAhead<T, U>(
  items: AsyncIterable<T>,
  ahead: number,
  map: (item: T) => Promise<U>,
): AsyncGenerator<U> {
  const pending: Promise<U>[] = [];
  try {
    for await (const item of items) {
      const result = map(item);
      result.catch(() => {}); // it is thrown when its turn comes
      pending.push(result);
      if (pending.length >= ahead) yield await pending.shift()!;
    }
    while (pending.length > 0) yield await pending.shift()!;
  } finally {
    await Promise.allSettled(pending);
  }
}
