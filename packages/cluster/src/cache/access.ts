import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { FerBenchError } from "@fer-bench/artifacts";

export type Access = "read" | "write";

/** Who may do what: the access of whoever shows a token, undefined for a stranger. */
export type AccessOf = (token: string) => Access | undefined;

const LINE = /^(read|write)\s+(\S{16,})$/;

/**
 * Reads a file of tokens: lines of `read <token>` or `write <token>`, empty ones and those that begin with `#` aside. Where
 * there is no such file, one is made with a token of each kind, for its owner's eyes alone.
 */
export async function readTokens(file: string): Promise<AccessOf> {
  const text = await readFile(file, "utf8").catch(async (cause: NodeJS.ErrnoException) => {
    if (cause.code !== "ENOENT") throw cause;
    const made = ["write", "read"]
      .map((access) => `${access} ${randomBytes(24).toString("base64url")}\n`)
      .join("");
    await writeFile(file, made, { mode: 0o600, flag: "wx" });
    return made;
  });
  const lines = text.split("\n").map((line) => line.trim());
  const tokens = lines.flatMap((line, i) => {
    if (line === "" || line.startsWith("#")) return [];
    const [, access, token] = LINE.exec(line) ?? [];
    if (access !== undefined && token !== undefined)
      return [{ access: access as Access, digest: digest(token) }];
    throw new FerBenchError("bad-config", "a line is no token", {
      file,
      field: `line ${i + 1}`,
      remedy: "write `read` or `write`, a space, and at least 16 characters without spaces",
    });
  });
  return (given) => {
    const shown = digest(given);
    // Every token is compared, in a time that says nothing of it.
    const matches = tokens.filter(({ digest: known }) => timingSafeEqual(known, shown));
    return matches.some(({ access }) => access === "write") ? "write" : matches[0]?.access;
  };
}

/** Of one length, as a comparison in constant time needs it. */
function digest(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}
