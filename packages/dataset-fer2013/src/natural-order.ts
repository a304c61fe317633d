/** Compares names so that im2 stands before im10. */
export function naturalOrder(a: string, b: string): number {
  const [x, y] = [padded(a), padded(b)];
  if (x !== y) return x < y ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

function padded(name: string): string {
  return name.replace(/\d+/g, (digits) => digits.padStart(15, "0"));
}
