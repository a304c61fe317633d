import fc from "fast-check";

const oddField = fc.oneof(
  fc.constantFrom(
    "",
    " ",
    '"',
    '""',
    '"a,b"',
    '"a\nb"',
    "-1",
    "1e9",
    "NaN",
    "99999999999999999999",
    "__proto__",
    "\ufeff",
  ),
  fc.constantFrom("../../x", "=1+1", "\u0000", "happy", "angry", "9".repeat(400), "x".repeat(70_000)),
  fc.string({ maxLength: 12 }),
  fc.integer().map(String),
);

/** Rows of the separator's format: each field is one of those that a right table has, or an odd one. */
export function oddTable(
  header: readonly string[],
  usual: readonly (readonly string[])[],
  separator = ",",
): fc.Arbitrary<Uint8Array> {
  const right = usual.map((values) => fc.constantFrom(...values));
  const row = fc.tuple(
    fc.tuple(...right),
    fc.array(fc.tuple(fc.nat(usual.length), oddField), { maxLength: 2 }),
    fc.constantFrom(0, 0, 0, 0, 1, -1),
  );
  const names = fc.tuple(
    fc.shuffledSubarray([...header], { minLength: 0 }).map((some) => [...some]),
    fc.boolean(),
    fc.boolean(),
  );
  return fc
    .tuple(names, fc.array(row, { maxLength: 12 }), fc.constantFrom("\n", "\r\n", "\r", "\n\n"), fc.nat(9))
    .map(([[some, whole, doubled], rows, end, bom]) => {
      const first = whole ? header : doubled ? [...some, ...some.slice(0, 1)] : some;
      const lines = rows.map(([fields, odd, more]) => {
        const cells: string[] = [...fields];
        for (const [at, value] of odd) cells[at % cells.length] = value;
        if (more > 0) cells.push("more");
        return cells.slice(0, more < 0 ? -1 : undefined).join(separator);
      });
      const text = [...(header.length > 0 ? [first.join(separator)] : []), ...lines].join(end);
      return Buffer.from(`${bom === 0 ? "\ufeff" : ""}${text}`);
    });
}
