import { FerBenchError } from "@fer-bench/artifacts";

/** The archive ends early or its bytes are damaged. */
export function corruptArchive(file: string, entry: string | undefined, cause: unknown): FerBenchError {
  if (cause instanceof FerBenchError) return withEntry(cause, entry);
  const why = cause instanceof Error ? cause.message : String(cause);
  return new FerBenchError("bad-data", `the archive is truncated or corrupt: ${why}`, {
    file,
    field: entry,
    remedy: "Get the file again, and compare its size and checksum with those its source states.",
    cause,
  });
}

/** The archive is well-formed, but holds what must not be unpacked. */
export function unsafeArchive(file: string, entry: string | undefined, what: string): FerBenchError {
  return new FerBenchError("bad-data", `refused to read ${what}`, {
    file,
    field: entry,
    remedy: "If you trust it, unpack it yourself and pass the folder.",
  });
}

/** The same error, naming the entry it was met in unless it names one. */
function withEntry(error: FerBenchError, entry: string | undefined): FerBenchError {
  if (entry === undefined || error.field !== undefined) return error;
  const { file, remedy, cause } = error;
  return new FerBenchError(error.code, error.message, { file, field: entry, remedy, cause });
}
