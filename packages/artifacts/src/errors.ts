import { withoutControls } from "./control-characters.ts";

/** What went wrong, in one word a script can test for. */
export type ErrorCode =
  | "bad-config" // a file or flag written by the user breaks its schema
  | "bad-data" // raw data is not what it should be
  | "bad-artifact" // an artifact is missing, corrupt or of another stage
  | "missing" // something the user has to supply is not there
  | "unavailable" // an optional peer, device or network is not there
  | "diverged" // training left the numbers that make sense
  | "busy" // another run holds what this one needs
  | "interrupted" // the user, or the machine's scheduler, ended it
  | "internal";

/** Exit status of the command line for each code: sysexits.h where it has a word for it, the shell's for SIGINT. */
export const EXIT_STATUS: Readonly<Record<ErrorCode, number>> = {
  "bad-config": 78,
  "bad-data": 65,
  "bad-artifact": 66,
  missing: 66,
  unavailable: 69,
  diverged: 65,
  busy: 75,
  interrupted: 130,
  internal: 70,
};

export interface ErrorDetails {
  /** The file it is about. */
  file?: string | undefined;
  /** The field, row or entry inside the file. */
  field?: string | undefined;
  /** What the reader should do now: one sentence. */
  remedy?: string | undefined;
  cause?: unknown;
}

/** The one error that users see: it names the file, the field, and what to do. */
export class FerBenchError extends Error {
  readonly code: ErrorCode;
  readonly file: string | undefined;
  readonly field: string | undefined;
  readonly remedy: string | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = "FerBenchError";
    this.code = code;
    this.file = details.file;
    this.field = details.field;
    this.remedy = details.remedy;
  }
}

/** The lines a terminal shows for an error: what, where, remedy. What came from data cannot steer the terminal. */
export function describeError(error: FerBenchError): string {
  const lines = [error.message];
  if (error.file !== undefined) lines.push(`  file:   ${error.file}`);
  if (error.field !== undefined) lines.push(`  field:  ${error.field}`);
  if (error.remedy !== undefined) lines.push(`  remedy: ${error.remedy}`);
  return withoutControls(lines.join("\n"));
}
