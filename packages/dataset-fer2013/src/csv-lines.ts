import { FerBenchError } from "@fer-bench/artifacts";

/** A row of 2304 numbers has at most 9,240 bytes. */
export const MAX_LINE = 64 * 1024;

const NEWLINE = 10;
const RETURN = 13;

/** Cuts a byte stream into lines, without their ends; a line is a view that is good until the next is asked for. */
export async function* csvLines(
  chunks: AsyncIterable<Buffer>,
  file: string,
  entry: string,
): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    let start = 0;
    for (;;) {
      const end = chunk.indexOf(NEWLINE, start);
      if (end < 0) break;
      const tail = chunk.subarray(start, end);
      yield trimmed(rest.length > 0 ? Buffer.concat([rest, tail]) : tail);
      rest = Buffer.alloc(0);
      start = end + 1;
    }
    if (start < chunk.length) rest = Buffer.concat([rest, chunk.subarray(start)]);
    if (rest.length > MAX_LINE) {
      throw new FerBenchError("bad-data", `a line of more than ${MAX_LINE} bytes: this is no FER-2013 CSV`, {
        file,
        field: entry,
        remedy: "Pass fer2013.csv or icml_face_data.csv as the challenge has them.",
      });
    }
  }
  if (rest.length > 0) yield trimmed(rest);
}

function trimmed(line: Buffer): Buffer {
  return line.length > 0 && line[line.length - 1] === RETURN ? line.subarray(0, -1) : line;
}
