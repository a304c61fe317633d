import { unsafeArchive } from "./archive-error.ts";

/**
 * The entry's path with `/` between its parts, no leading `./`, no empty parts.
 * An absolute path, a drive letter, `..` or a control character is a FerBenchError naming the archive and the entry.
 */
export function safeEntryName(name: string, file: string): string {
  const posix = name.replaceAll("\\", "/");
  if (hasControlCharacter(posix))
    throw unsafeArchive(file, printable(name), "a name with control characters");
  if (posix.startsWith("/") || /^[a-z]:/i.test(posix)) throw unsafeArchive(file, name, "an absolute path");
  const parts = posix.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.includes("..")) throw unsafeArchive(file, name, "a path that leaves its folder");
  if (parts.length === 0) throw unsafeArchive(file, name, "an entry without a name");
  return parts.join("/");
}

function hasControlCharacter(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) < 32) return true;
  return false;
}

function printable(name: string): string {
  return JSON.stringify(name);
}
