import { csvLine, type FerBenchError } from "@fer-bench/artifacts";

type Print = (line: string) => void;

/** Puts answers where the user wants them, one photograph after another. */
export interface AnswerPrinter<Answer> {
  answered(answer: Answer): void;
  /** Of a photograph that was left out; the error itself is told elsewhere. */
  failed(photograph: string, error: FerBenchError): void;
  end(): void;
}

/** One JSON array, an element a photograph: its answer, or `{ photograph, error }`. Whole once `end` was called. */
export function jsonPrinter(print: Print): AnswerPrinter<object> {
  let before: string | undefined;
  const add = (element: object): void => {
    print(before === undefined ? "[" : `${before},`);
    before = indented(element);
  };
  return {
    answered: add,
    failed: (photograph, { code, message, remedy }) =>
      add({ photograph, error: { code, message, remedy: remedy ?? null } }),
    end() {
      print(before === undefined ? "[]" : `${before}\n]`);
    },
  };
}

/** Pairs of numbers, which landmarks are, stay on one line. A line break is never inside a JSON string. */
function indented(element: object): string {
  const lines = JSON.stringify(element, undefined, 2).replace(
    /\[\n\s+([-\d.e]+),\n\s+([-\d.e]+)\n\s+\]/g,
    "[$1, $2]",
  );
  return `  ${lines.replaceAll("\n", "\n  ")}`;
}

/** Lines for people. */
export function linesPrinter<Answer>(
  print: Print,
  linesOf: (answer: Answer) => readonly string[],
): AnswerPrinter<Answer> {
  return {
    answered(answer) {
      for (const line of linesOf(answer)) print(line);
    },
    failed() {},
    end() {},
  };
}

type Field = string | number | null;

/** Comma-separated values (RFC 4180 but for the ends of lines), a heading first; a row that ends early is filled up. */
export function csvPrinter<Answer>(
  print: Print,
  heading: readonly string[],
  rowsOf: (answer: Answer) => readonly (readonly Field[])[],
): AnswerPrinter<Answer> {
  const line = (fields: readonly Field[]): void => print(csvLine(fields));
  let begun = false;
  const begin = (): void => {
    if (!begun) line(heading);
    begun = true;
  };
  return {
    answered(answer) {
      begin();
      for (const row of rowsOf(answer)) line(heading.map((_, i) => row[i] ?? null));
    },
    failed() {},
    end: begin,
  };
}
