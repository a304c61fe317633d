/** Text whose control characters, which a terminal would obey, are shown by their number: `\\x1b`. Lines stay lines. */
export function withoutControls(text: string): string {
  return Array.from(text, (character) => {
    const code = character.charCodeAt(0);
    const isControl = (code < 32 && character !== "\n") || (code >= 127 && code < 160);
    return isControl ? `\\x${code.toString(16).padStart(2, "0")}` : character;
  }).join("");
}
