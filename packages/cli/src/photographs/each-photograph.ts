import { FerBenchError } from "@fer-bench/artifacts";
import { mapAhead } from "@fer-bench/datasets";
import { type Photograph, readPhotograph } from "@fer-bench/preprocess";
import type { CommandContext } from "../context.ts";
import { explain } from "../explain-error.ts";
import type { AnswerPrinter } from "./answer-printers.ts";
import { counted } from "./face-search.ts";
import type { ListedPhotograph } from "./list-photographs.ts";

/** What is to be done with photographs. */
export interface PhotographWork<Answer> {
  /** A word for it, for progress. */
  readonly task: string;
  readonly listed: readonly ListedPhotograph[];
  readonly printer: AnswerPrinter<Answer>;
  /** What to try where no face was found. */
  readonly remedy: string;
  answer(photograph: Photograph, listed: ListedPhotograph): Promise<Answer>;
}

/**
 * Works through photographs in order, some read ahead, and prints an answer for each. One that cannot be read is
 * complained of, and the others go on.
 * @throws FerBenchError at the end where photographs were left out: the reason where there is but one photograph
 */
export async function eachPhotograph<Answer extends { readonly faces: readonly unknown[] }>(
  context: CommandContext,
  { task, listed, printer, remedy, answer }: PhotographWork<Answer>,
): Promise<void> {
  // In a terminal the answers themselves show how far it is.
  const watched = listed.length > 1 && !process.stdout.isTTY;
  const progress = watched ? context.progress.start(task, listed.length, "photographs") : undefined;
  const failures: FerBenchError[] = [];
  let [done, without] = [0, 0];
  try {
    for await (const [one, read] of readAhead(listed, context.threads)) {
      if (read instanceof FerBenchError) {
        failures.push(read);
        printer.failed(one.path, read);
        if (listed.length > 1) explain(read);
      } else {
        const found = await answer(read, one);
        if (found.faces.length === 0) without++;
        printer.answered(found);
      }
      progress?.update(++done);
    }
  } finally {
    progress?.end();
  }
  printer.end();
  if (without > 0) context.progress.note(`no face in ${counted(without, "photograph")}: ${remedy}`);
  const [first] = failures;
  if (first === undefined) return;
  if (listed.length === 1) throw first;
  const were = failures.length === 1 ? "was" : "were";
  throw new FerBenchError(first.code, `${failures.length} of ${listed.length} photographs ${were} left out`, {
    remedy: "see above for each",
  });
}

async function* readAhead(
  listed: readonly ListedPhotograph[],
  ahead: number,
): AsyncGenerator<readonly [ListedPhotograph, Photograph | FerBenchError]> {
  yield* mapAhead(listed, ahead, async (one) => {
    const read = await readPhotograph(one.path).catch((error: unknown) => {
      if (error instanceof FerBenchError) return error;
      throw error;
    });
    return [one, read] as const;
  });
}
