import { FerBenchError } from "./errors.ts";

const REMEDIES: Readonly<Record<string, string>> = {
  ENOSPC: "free space on that disk and run the command again",
  EDQUOT: "your quota is used up: free space and run the command again",
  EFBIG: "files may not grow so large here (ulimit -f): raise the limit, or name a folder on another disk",
  EROFS: "the disk is read-only: name a folder that can be written",
  ENOTDIR: "a file is where a folder should be: name another folder",
  EEXIST: "a file is where a folder should be: name another folder",
  EIO: "the disk has a fault: look at the system's log, and name a folder on another disk",
  EACCES: "give yourself the right to write there",
  EPERM: "give yourself the right to write there",
};

/** What the disk refused, as a user's error; any other error as it is. `what` is what could not be written. */
export function explainDisk(error: unknown, path: string, what: string): unknown {
  const { code = "", syscall } = (error ?? {}) as NodeJS.ErrnoException;
  // So Node says it where folders that are to be made lie on a disk that is read-only.
  const remedy = code === "ENOENT" && syscall === "mkdir" ? REMEDIES.EROFS : REMEDIES[code];
  if (remedy === undefined || error instanceof FerBenchError) return error;
  return new FerBenchError("unavailable", `${what} could not be written (${code})`, {
    file: path,
    remedy,
    cause: error,
  });
}
